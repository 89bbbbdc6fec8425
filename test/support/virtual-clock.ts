export * from '../../runtime/simulation/virtual-clock.ts';
