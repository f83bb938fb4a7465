import {runTogether} from './run.ts';

runTogether('heartbeat');
