import {aclGroup} from './acl-cases.ts';
import {runGroup} from './harness.ts';

runGroup(aclGroup);
