/** The configuration of both nodes: is it the same, since when is it in force, and the orders that read it again or make it the same. */
import {useState} from 'preact/hooks';
import {describeConfiguration} from '../cards.ts';
import {formatTime} from '../format.ts';
import type {Outcome, Pair, Status} from '../messages.ts';
import type {GiveOrder} from './app.tsx';
import {Confirm, End} from './confirm.tsx';
import {Diff, Findings} from './diff.tsx';
import {usePreview} from './preview.ts';
import {WorkCard} from './work-card.tsx';

interface ConfigurationProps {
	readonly status: Status;
	readonly pair: Pair;
	readonly giveOrder: GiveOrder;
}

interface DialogProps {
	readonly pair: Pair;
	readonly giveOrder: GiveOrder;
	readonly onClose: () => void;
}

export function Configuration({status, pair, giveOrder}: ConfigurationProps) {
	const [asked, setAsked] = useState<'reload' | 'sync'>();
	const [own] = pair.nodes;
	const about = describeConfiguration(pair);
	const since = [`In force on ${own.name} since`, formatTime(status.loadedAt, Date.now())] as const;
	const close = (): void => setAsked(undefined);
	return (
		<WorkCard id="configuration-title" title="Configuration" {...about} facts={[since, ...about.facts]}>
			{(pair.contradictions ?? []).map(text => (
				<p key={text} class="problem">
					{text}
				</p>
			))}
			<div class="buttons">
				<button type="button" onClick={() => setAsked('reload')}>
					Reload {own.name} …
				</button>
				<button type="button" disabled={pair.channel === undefined} onClick={() => setAsked('sync')}>
					Compare the nodes' files …
				</button>
			</div>
			{asked === 'reload' && <ReloadDialog pair={pair} giveOrder={giveOrder} onClose={close} />}
			{asked === 'sync' && <SyncDialog pair={pair} giveOrder={giveOrder} onClose={close} />}
		</WorkCard>
	);
}

function ReloadDialog({pair, giveOrder, onClose}: DialogProps) {
	const [own] = pair.nodes;
	const preview = usePreview('/api/reload', {dryRun: true});
	return (
		<Confirm
			title={`Reload ${own.name}?`}
			verb="Reload"
			command="reload"
			isBlocked={preview?.ok !== true}
			renderEnd={outcome => <OrderEnd outcome={outcome} />}
			onConfirm={() => giveOrder('/api/reload', {}, 'quiet')}
			onClose={onClose}
		>
			<p>A new proxy process takes over from the old one; connections that are open end in their own time.</p>
			<Shown preview={preview} waiting="Reading the files …" />
		</Confirm>
	);
}

function SyncDialog({pair, giveOrder, onClose}: DialogProps) {
	const [own, peer] = pair.nodes;
	const [action, setAction] = useState<'push' | 'pull'>('push');
	const preview = usePreview('/api/sync', {action: 'diff'});
	const differs = preview?.ok === true && (preview.difference?.files.length ?? 0) > 0;
	const ways = [
		['push', `${peer.name} gets the files of ${own.name}`],
		['pull', `${own.name} gets the files of ${peer.name}`],
	] as const;
	return (
		<Confirm
			title="Make the files of both nodes the same?"
			verb={action === 'push' ? `Give them to ${peer.name}` : `Take those of ${peer.name}`}
			command="sync"
			isBlocked={!differs}
			renderEnd={outcome => <OrderEnd outcome={outcome} />}
			onConfirm={() => giveOrder('/api/sync', {action}, 'quiet')}
			onClose={onClose}
		>
			<Shown preview={preview} waiting={`Asking ${peer.name} for its files …`} />
			{differs && (
				<fieldset>
					<legend>Both nodes check the files first; both change, or neither does.</legend>
					{ways.map(([value, text]) => (
						<label key={value} class="check">
							<input type="radio" name="sync" checked={action === value} onChange={() => setAction(value)} />
							{text}
						</label>
					))}
				</fieldset>
			)}
		</Confirm>
	);
}

/** What the order would do. */
function Shown({preview, waiting}: {preview: Outcome | undefined; waiting: string}) {
	if (preview === undefined)
		return (
			<p class="soft" role="status">
				{waiting}
			</p>
		);
	const {ok, message, difference, diagnostics = []} = preview;
	return (
		<>
			<p class={ok ? '' : 'problem'} role="status">
				{message}
			</p>
			{diagnostics.length > 0 && <Findings diagnostics={diagnostics} />}
			{difference !== undefined && <Diff difference={difference} />}
		</>
	);
}

function OrderEnd({outcome}: {outcome: Outcome}) {
	return (
		<>
			<End outcome={outcome} />
			{(outcome.diagnostics?.length ?? 0) > 0 && <Findings diagnostics={outcome.diagnostics ?? []} />}
		</>
	);
}
