import {runTogether} from './run.ts';

runTogether('config');
