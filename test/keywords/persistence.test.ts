import {runGroup} from './harness.ts';
import {persistenceGroup} from './persistence-cases.ts';

runGroup(persistenceGroup);
