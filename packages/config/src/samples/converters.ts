/**
 * What can be made of a sample: one row for each converter of HAProxy that the proxy knows.
 *
 * Decides names, types and arguments. Leaves the values to the proxy. HAProxy manual, "Converters".
 */

import {type Parameter, readParameters, type SampleType} from './fetches.ts';
import {MAP_CONVERTERS} from './map-converters.ts';
import {STICK_CONVERTERS} from './stick-samples.ts';

export interface ConverterRow {
	/** What it gives; `same` is what came in. */
	readonly type: SampleType | 'same';
	readonly parameters: readonly Parameter[];
}

const table = new Map<string, ConverterRow>();

for (const line of `lower upper : str
	length : int
	hex base64 b64dec ub64enc ub64dec : str
	url_enc : str text?
	hex2i : int
	url_dec : str int?
	field word : str int text int?
	bytes : str int int?
	regsub : str regex text text?
	ltrim rtrim : str text
	add sub mul div mod and or xor : int text
	neg cpl : int
	not odd even bool : bool
	ipmask : ip text text?
	strcmp : int variable
	concat : str text? variable? text?
	iif : str text text
	add_item : str text variable? text?
	be2dec : str text int int?
	be2hex : str text? int? int?
	json : str text?
	json_query : str text text?
	crc32 crc32c djb2 sdbm xxh32 xxh64 xxh3 : int int?
	sha1 : str
	sha2 : str int?
	digest : str text
	hmac : str text text
	secure_memcmp : bool variable
	set-var : same variable condition? condition? condition? condition?
	unset-var : same variable
	${STICK_CONVERTERS}`
	.split(/\s*\n\s*/)
	.map(text => text.split(/\s*:\s*/) as [string, string])) {
	const [names, description] = line;
	const [type, ...parameters] = description.split(' ');
	for (const name of names.split(' ')) {
		table.set(name, {type: type as ConverterRow['type'], parameters: readParameters(parameters.join(' '))});
	}
}

for (const [name, {output}] of MAP_CONVERTERS) {
	table.set(name, {type: output, parameters: readParameters('text text?')});
}

/** Rows by name. */
export const CONVERTERS: ReadonlyMap<string, ConverterRow> = table;
