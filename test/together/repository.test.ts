import {runTogether} from './run.ts';

runTogether('repository');
