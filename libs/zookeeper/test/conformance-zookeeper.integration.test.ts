import { connectNativeZooKeeper } from '../src/drivers/native-zookeeper.js';
import { testConformance } from './conformance-suite.js';

testConformance(connectNativeZooKeeper);
