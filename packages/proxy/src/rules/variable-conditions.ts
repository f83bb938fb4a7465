/**
 * The conditions of `set-var(NAME,CONDITION…)`, in rules and as a converter (HAProxy manual, `http-request set-var`).
 *
 * Decides whether a variable takes a new value. Variables of the process exist from the start on, others once they are set.
 */
import type {VariableCondition} from '@hapair/config';
import type {Sample} from './sample.ts';
import type {SampleSource} from './sample-source.ts';

/** Sets the variable if all conditions hold. */
export function setVariableWhen(
	conditions: readonly VariableCondition[],
	source: SampleSource,
	name: string,
	sample: Sample,
): void {
	if (conditions.length > 0) {
		const held = source.variable(name);
		const exists = held !== undefined || name.startsWith('proc.');
		for (const condition of conditions) {
			if (!HOLDS[condition](held, sample, exists)) return;
		}
	}
	source.setVariable(name, sample);
}

type Holds = (held: Sample | undefined, sample: Sample, exists: boolean) => boolean;

/** Comparisons say nothing of texts and addresses: between others than numbers they hold. */
const compared =
	(holds: (held: number, sample: number) => boolean): Holds =>
	(held, sample) =>
		!isScalar(held) || !isScalar(sample) || holds(Number(held), Number(sample));

const isScalar = (value: Sample | undefined): value is number | boolean =>
	typeof value === 'number' || typeof value === 'boolean';

const HOLDS: Readonly<Record<VariableCondition, Holds>> = {
	ifexists: (_held, _sample, exists) => exists,
	ifnotexists: (_held, _sample, exists) => !exists,
	ifempty: (_held, sample) => sample === '',
	ifnotempty: (_held, sample) => sample !== '',
	ifset: held => held !== undefined,
	ifnotset: held => held === undefined,
	ifgt: compared((held, sample) => held > sample),
	iflt: compared((held, sample) => held < sample),
};
