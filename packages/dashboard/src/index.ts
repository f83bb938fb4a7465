export {formatAge, formatNumber} from './format.ts';
export {applyMessage, emptyView} from './view-state.ts';
