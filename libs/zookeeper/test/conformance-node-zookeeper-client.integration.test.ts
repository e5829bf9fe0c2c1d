import { connectNodeZooKeeperClient } from '../src/drivers/node-zookeeper-client.js';
import { testConformance } from './conformance-suite.js';

testConformance(connectNodeZooKeeperClient);
