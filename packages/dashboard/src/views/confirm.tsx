/**
 * A question before an order, in the browser's own modal dialog: Escape leaves, the keyboard stays inside, the first button is the harmless one.
 *
 * Decides that an order under way can be watched but not given twice, and that its end stays in sight where there is more to it than a sentence.
 */
import type {ComponentChildren} from 'preact';
import {useEffect, useLayoutEffect, useRef, useState} from 'preact/hooks';
import type {Outcome} from '../messages.ts';
import {useProgress} from './progress.ts';

export interface ConfirmProps {
	readonly title: string;
	readonly children: ComponentChildren;
	/** The word on the button that does it. */
	readonly verb: string;
	/** Whose progress is shown. */
	readonly command?: string;
	readonly isDangerous?: boolean;
	/** There is nothing to do, or it would be refused. */
	readonly isBlocked?: boolean;
	/** What `force` would override; absent: there is no such choice. */
	readonly forceText?: string;
	/** What is shown of the end; absent: the dialog closes, and the page tells it. */
	readonly renderEnd?: (outcome: Outcome) => ComponentChildren;
	readonly onConfirm: (force: boolean) => Promise<Outcome | undefined>;
	readonly onClose: () => void;
}

export function Confirm(props: ConfirmProps) {
	const {title, children, verb, command, isDangerous = false, isBlocked = false, forceText, renderEnd, onClose} = props;
	const {dialog, leave, isBusy, force, setForce, outcome, lines, confirm} = useOrder(props);
	const isOver = outcome !== undefined;
	return (
		<dialog
			ref={dialog}
			aria-labelledby="confirm-title"
			onClose={onClose}
			onCancel={event => isBusy && event.preventDefault()}
		>
			<h2 id="confirm-title">{title}</h2>
			{!isOver && <div inert={isBusy}>{children}</div>}
			{forceText !== undefined && !isOver && (
				<label class="check">
					<input
						type="checkbox"
						checked={force}
						disabled={isBusy}
						onChange={({currentTarget}) => setForce(currentTarget.checked)}
					/>
					{forceText}
				</label>
			)}
			{command !== undefined && (isBusy || isOver) && <Steps lines={lines} />}
			{outcome !== undefined && (
				<div class={`end ${outcome.ok ? 'good' : 'bad'}`} role="status">
					{renderEnd?.(outcome)}
				</div>
			)}
			<div class="buttons">
				<button type="button" ref={leave} disabled={isBusy} onClick={onClose}>
					{isOver ? 'Close' : 'Leave it'}
				</button>
				{!isOver && (
					<button
						type="button"
						class={isDangerous || force ? 'danger' : 'primary'}
						disabled={isBusy || isBlocked}
						onClick={() => void confirm()}
					>
						{isBusy ? 'Under way …' : verb}
					</button>
				)}
			</div>
		</dialog>
	);
}

/** An order from its question to its end. */
function useOrder({command, renderEnd, onConfirm, onClose}: ConfirmProps) {
	const dialog = useRef<HTMLDialogElement>(null);
	const leave = useRef<HTMLButtonElement>(null);
	const [isBusy, setBusy] = useState(false);
	const [force, setForce] = useState(false);
	const [since, setSince] = useState(0);
	const [outcome, setOutcome] = useState<Outcome>();
	const {lines, newest} = useProgress(command, since);
	// Before anything is painted: the next key is the dialog's.
	useLayoutEffect(() => dialog.current?.showModal(), []);
	// Both buttons were out of reach meanwhile, so the keyboard has lost its place.
	useEffect(() => {
		if (outcome !== undefined) leave.current?.focus();
	}, [outcome]);
	const confirm = async (): Promise<void> => {
		setSince(newest);
		setBusy(true);
		const end = await onConfirm(force);
		if (renderEnd === undefined) return onClose();
		setBusy(false);
		setOutcome(end);
	};
	return {dialog, leave, isBusy, force, setForce, outcome, lines, confirm};
}

/** How it goes on, told to screen readers as well. */
function Steps({lines}: {lines: readonly string[]}) {
	return (
		<ol class="progress" aria-label="Progress" aria-live="polite">
			{lines.map((line, index) => (
				<li key={index}>{line}</li>
			))}
		</ol>
	);
}

/** The sentence of an order's end. */
export function End({outcome: {ok, message}}: {outcome: Outcome}) {
	return (
		<p>
			<strong>{ok ? 'Done.' : 'Not done.'}</strong> {message}
		</p>
	);
}
