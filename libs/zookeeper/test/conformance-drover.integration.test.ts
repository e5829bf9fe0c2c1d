import { connectZooKeeper } from '../src/index.js';
import { testConformance } from './conformance-suite.js';

testConformance(connectZooKeeper);
