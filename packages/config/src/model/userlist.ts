/**
 * Userlists: who may log in where a rule asks for a name and a password.
 *
 * A part of the model (`../model.ts`).
 */
import type {Position} from './position.ts';

/** A `userlist` section (HAProxy manual, "Userlists"). */
export interface Userlist {
	readonly name: string;
	readonly users: readonly UserlistUser[];
	readonly position: Position;
}

export interface UserlistUser {
	readonly name: string;
	/** As crypt(3) writes it, or in clear. Absent: nobody can be this user. */
	readonly password?: {readonly kind: 'crypt' | 'clear'; readonly text: string};
	readonly groups: readonly string[];
}
