export type {Diagnostic, Severity} from './diagnostics.ts';
export {type FormatOptions, formatDiagnostics} from './format-diagnostics.ts';
export type {Keyword, SectionKind} from './keyword.ts';
export {KEYWORDS} from './keyword-table.ts';
export type {Environment, SyntaxMode} from './lexer.ts';
export type * from './model.ts';
export {type ParseOptions, type ParseResult, parseConfiguration} from './parse-configuration.ts';
export {type FormatFlags, type FormatPart, type FormatVariable, parseFormat} from './samples/format-text.ts';
export type {Source} from './text.ts';
