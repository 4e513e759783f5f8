import { startTestCluster } from '/work/main/testkit/cluster.ts';
import { openCrashWorld } from '/work/main/testkit/crash/crash-world.ts';
const c = await startTestCluster();
try {
const w = await openCrashWorld(c);
const t0=Date.now();
const base = await w.trial(null);
console.log(Date.now()-t0, base.steps.length, base.steps.map((s,i)=>i+':'+s).join(' '), base);
for (const a of process.argv.slice(2)) { const [s,m]=a.split(':'); const t=Date.now(); const v = await w.trial({step:Number(s), moment:m as any}); console.log(a, base.steps[Number(s)], Date.now()-t, JSON.stringify({...v, steps: undefined})); }
await w.close();
} finally { await c.stop(); }
