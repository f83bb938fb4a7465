/** A thread that rings the bell of worker 0 once. */
import {workerData} from 'node:worker_threads';
import type {Configuration} from '@hapair/config';
import {SharedTable} from '../../src/shared-table.ts';

const {buffer, configuration} = workerData as {buffer: SharedArrayBuffer; configuration: Configuration};
SharedTable.attach(buffer, configuration, -1).ring(0);
