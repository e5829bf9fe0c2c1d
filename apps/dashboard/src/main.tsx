import { render } from 'preact';
import { App } from './app/app.js';
import { listenToKeys } from './app/keys.js';
import { followLinks } from './app/router.js';
import { startClock } from './data/clock.js';
import { watchVisibility } from './data/live.js';
import { followSignIns, loadAbout } from './data/rights.js';
import { applySettings } from './data/settings.js';

applySettings();
followLinks();
listenToKeys();
startClock();
watchVisibility();
followSignIns();
const root = document.getElementById('app');
if (root !== null) render(<App />, root);
loadAbout();
