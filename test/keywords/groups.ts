/** All groups of cases of the keyword table. */
import {aclGroup} from './acl-cases.ts';
import {connectionsGroup} from './connections-cases.ts';
import type {Group} from './harness.ts';
import {healthGroup} from './health-cases.ts';
import {logsGroup} from './logs-cases.ts';
import {persistenceGroup} from './persistence-cases.ts';
import {rulesGroup} from './rules-cases.ts';
import {sectionsGroup} from './sections-cases.ts';
import {statsGroup} from './stats-cases.ts';
import {timingGroup} from './timing-cases.ts';

export const groups: readonly Group[] = [
	aclGroup,
	connectionsGroup,
	healthGroup,
	logsGroup,
	persistenceGroup,
	rulesGroup,
	sectionsGroup,
	statsGroup,
	timingGroup,
];
