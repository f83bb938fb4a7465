/** A log that remembers its lines. */
import type {Log, LogFields} from '../../src/logging.ts';

export interface LogLine {
	readonly level: string;
	readonly fields: LogFields;
	readonly message: string;
}

export function recordLog(): {log: Log; lines: LogLine[]} {
	const lines: LogLine[] = [];
	const at = (level: string) => (fields: LogFields, message: string) => void lines.push({level, fields, message});
	return {lines, log: {debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error')}};
}
