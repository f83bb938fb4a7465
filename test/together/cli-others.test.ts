import {runTogether} from './run.ts';

runTogether('cli-others');
