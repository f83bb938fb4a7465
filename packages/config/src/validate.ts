import type {Reporter} from './diagnostics.ts';
import type {ParsedFiles} from './parser.ts';

export function validate(_parsed: ParsedFiles, _reporter: Reporter): void {}
