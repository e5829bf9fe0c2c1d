import test from 'ava';
import { isCrossSite, type Sent } from './cross-site.decide.js';

const sent = (more: Partial<Sent>): Sent => ({
  ...{ method: 'POST', host: 'drover.example.com', origin: undefined, fetchSite: undefined },
  ...{ ambient: true, cookie: true, allowedOrigins: [], ...more },
});

test('a request with the cookie must say that it comes from a page of this server', (t) => {
  t.false(isCrossSite(sent({ fetchSite: 'same-origin' })));
  for (const fetchSite of ['cross-site', 'same-site', 'none', 'whatever'])
    t.true(isCrossSite(sent({ fetchSite })), fetchSite);
  t.false(isCrossSite(sent({ origin: 'https://drover.example.com' })));
  t.false(isCrossSite(sent({ origin: 'https://drover.example.com', host: 'drover.example.com:443' })));
  t.false(isCrossSite(sent({ origin: 'http://drover.example.com:7373', host: 'drover.example.com:7373' })));
  for (const origin of [
    'https://evil.example',
    'https://drover.example.com:8443',
    'null',
    '',
    'https://drover.example.com.evil.example',
  ])
    t.true(isCrossSite(sent({ origin })), origin);
  t.true(isCrossSite(sent({})));
});

test('the header that only browsers set comes before the one that may be missing', (t) => {
  t.true(isCrossSite(sent({ fetchSite: 'cross-site', origin: 'https://drover.example.com' })));
});

test('without a cookie a program sends neither header, and a browser of another site is refused', (t) => {
  t.false(isCrossSite(sent({ cookie: false })));
  t.true(isCrossSite(sent({ cookie: false, origin: 'https://evil.example' })));
  t.true(isCrossSite(sent({ cookie: false, fetchSite: 'cross-site' })));
  t.false(isCrossSite(sent({ cookie: false, origin: 'https://ui.example', allowedOrigins: ['https://ui.example'] })));
  t.true(isCrossSite(sent({ cookie: true, origin: 'https://ui.example', allowedOrigins: ['https://ui.example'] })));
});

test('reading, and what a program says by a token, comes from nowhere', (t) => {
  for (const method of ['GET', 'HEAD', 'OPTIONS'])
    t.false(isCrossSite(sent({ method, fetchSite: 'cross-site' })), method);
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
    t.true(isCrossSite(sent({ method, fetchSite: 'cross-site' })), method);
    t.false(isCrossSite(sent({ method, ambient: false, cookie: false, fetchSite: 'cross-site' })), method);
  }
});
