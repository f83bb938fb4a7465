import {connectionsGroup} from './connections-cases.ts';
import {runGroup} from './harness.ts';

runGroup(connectionsGroup);
