/**
 * A word of the configuration as the bytes that it stands for on the wire.
 *
 * Decides how letters become bytes: one character of the result is one byte (latin1), as the engine handles text.
 */
import type {Word} from './lexer.ts';

/** `\xHH` in the file is that byte; any other letter is what the file holds, in UTF-8. */
export function bytesOfWord(word: Word): string {
	let bytes = '';
	for (const letter of word.text) {
		// Only a word with escapes can mean single bytes above 127.
		if (letter.charCodeAt(0) < (word.verbatim ? 0x80 : 0x100)) bytes += letter;
		else bytes += String.fromCharCode(...new TextEncoder().encode(letter));
	}
	return bytes;
}
