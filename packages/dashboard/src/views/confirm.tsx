/**
 * A question before an order, in the browser's own modal dialog: Escape leaves, the keyboard stays inside, the first button is the harmless one.
 *
 * Decides that an order under way can be watched but not given twice.
 */
import type {ComponentChildren} from 'preact';
import {useEffect, useRef, useState} from 'preact/hooks';

export interface ConfirmProps {
	readonly title: string;
	readonly children: ComponentChildren;
	/** The word on the button that does it. */
	readonly verb: string;
	readonly isDangerous?: boolean;
	/** What `force` would override; absent: there is no such choice. */
	readonly forceText?: string;
	readonly onConfirm: (force: boolean) => Promise<unknown>;
	readonly onClose: () => void;
}

export function Confirm({title, children, verb, isDangerous = false, forceText, onConfirm, onClose}: ConfirmProps) {
	const dialog = useRef<HTMLDialogElement>(null);
	const [isBusy, setBusy] = useState(false);
	const [force, setForce] = useState(false);
	useEffect(() => dialog.current?.showModal(), []);
	const confirm = async (): Promise<void> => {
		setBusy(true);
		await onConfirm(force);
		onClose();
	};
	return (
		<dialog
			ref={dialog}
			aria-labelledby="confirm-title"
			onClose={onClose}
			onCancel={event => isBusy && event.preventDefault()}
		>
			<h2 id="confirm-title">{title}</h2>
			{children}
			{forceText !== undefined && (
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
			<div class="buttons">
				<button type="button" disabled={isBusy} onClick={onClose}>
					Leave it
				</button>
				<button
					type="button"
					class={isDangerous || force ? 'danger' : 'primary'}
					disabled={isBusy}
					onClick={() => void confirm()}
				>
					{isBusy ? 'Under way …' : verb}
				</button>
			</div>
		</dialog>
	);
}
