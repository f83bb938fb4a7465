/**
 * The database behind the pages: an SQLite file, small enough to be made anew each time, large enough that a search costs milliseconds.
 *
 * Decides its rows, the same on every machine. What asks for them is in `site/`.
 */
import {DatabaseSync} from 'node:sqlite';

const productCount = 8000;
const words =
	'oak lamp wool chair glass shelf linen table brass mirror clay bowl pine stool rug steel clock vase'.split(' ');
const wordsOfDescription = 24;

/** Writes the file, which must not exist yet. */
export function writeShop(path: string): void {
	const shop = new DatabaseSync(path);
	shop.exec(`BEGIN; CREATE TABLE product (
		id INTEGER PRIMARY KEY, name TEXT NOT NULL, price INTEGER NOT NULL, description TEXT NOT NULL
	)`);
	const insert = shop.prepare('INSERT INTO product (name, price, description) VALUES (?, ?, ?)');
	// A linear congruential generator (Numerical Recipes): cheap, and the same rows everywhere.
	let state = 2011;
	const draw = (count: number): number => {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		return Math.floor((state / 2 ** 32) * count);
	};
	for (let number = 1; number <= productCount; number++) {
		const description = Array.from({length: wordsOfDescription}, () => words[draw(words.length)]).join(' ');
		insert.run(`Product ${number}`, 100 + draw(100_000), description);
	}
	shop.exec('COMMIT');
	shop.close();
}
