export const drawingStyle = '.on rect { fill: gold }';
