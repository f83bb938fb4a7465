import {runGroup} from './harness.ts';
import {sectionsGroup} from './sections-cases.ts';

runGroup(sectionsGroup);
