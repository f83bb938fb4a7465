import {runTogether} from './run.ts';

runTogether('proxy-others');
