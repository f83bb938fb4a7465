/** Reads the lines of one backend, or of whole sections. */
import type {Backend, Configuration} from '../../src/model.ts';
import {parseConfiguration} from '../../src/parse-configuration.ts';

const timeouts = 'timeout client 1s\ntimeout server 1s\ntimeout connect 1s\n';

export interface Read {
	readonly configuration: Configuration | undefined;
	/** `severity line: message`, in the order of the file. */
	readonly remarks: readonly string[];
}

export function read(text: string): Read {
	const {configuration, diagnostics} = parseConfiguration([{name: 'a.cfg', text}], {environment: {}});
	return {configuration, remarks: diagnostics.map(({severity, line, message}) => `${severity} ${line}: ${message}`)};
}

/** One backend `b` in mode http with `lines`; they begin at line 6. */
export function readBackend(lines: string): {readonly backend: Backend; readonly remarks: readonly string[]} {
	const {configuration, remarks} = read(`defaults\nmode http\n${timeouts}backend b\n${lines}\n`);
	return {backend: configuration?.backends[0] as Backend, remarks};
}
