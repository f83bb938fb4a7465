/**
 * What happens round the sections of docs/runbook.md when they are carried out: the misfortune before, and who asks the pair meanwhile.
 *
 * Decides what each section promises; a test compares that with the table in the page, and holds that each section is here.
 */
export interface Stage {
	/** What happens first. Whoever is lost comes back as a machine with the same name and address and nothing installed. */
	readonly before: 'nothing' | 'lb2 dies as master' | 'both nodes are lost';
	/** The address that the client asks all the while; absent: there is nothing to ask. */
	readonly asks?: string;
	/** Requests that fail: none, or how many is only told. */
	readonly loses?: 'nothing' | 'told';
	/** The client ends before the block for this place. */
	readonly until?: 'master';
}

const [before, after] = ['10.0.0.100', '10.0.0.101'];

export const stages: Readonly<Record<string, Stage>> = {
	Install: {before: 'nothing'},
	Upgrade: {before: 'nothing', asks: before, loses: 'nothing'},
	'Roll back': {before: 'nothing', asks: before, loses: 'nothing'},
	'Replace a dead node': {before: 'lb2 dies as master', asks: before, loses: 'nothing'},
	'Change the virtual address': {before: 'nothing', asks: before, loses: 'nothing'},
	'Take the old address out': {before: 'nothing', asks: after, loses: 'nothing'},
	'Rotate the key': {before: 'nothing', asks: after, loses: 'nothing'},
	'Back up': {before: 'nothing', asks: after, loses: 'nothing'},
	'Restore from a backup': {before: 'both nodes are lost', asks: after, loses: 'told'},
	Uninstall: {before: 'nothing', asks: after, loses: 'nothing', until: 'master'},
};
