// A program of your own: fine-tune a forecaster and record the run.
//
//     npx tsx fine-tune.ts training.num_epochs=1
//     MLFLOW_TRACKING_URI=http://127.0.0.1:5000 npx tsx fine-tune.ts data=ett_h1
//
// Another tracker, or another way to load the config, is a change of one line.
import {
  CompositeTracker,
  type ExperimentTracker,
  formatError,
  HydraConfigManager,
  MLflowExperimentTracker,
  SimpleExperimentTracker,
  TTMTrainer,
  TtmError,
} from "ttm";

const uri = process.env["MLFLOW_TRACKING_URI"];
const files: ExperimentTracker = new SimpleExperimentTracker();

const trainer = new TTMTrainer({
  // the YAML files that come with ttm; a folder of your own: new HydraConfigManager({ configDir: "conf", configName: "config" })
  configManager: new HydraConfigManager(),
  experimentTracker: uri ? new CompositeTracker([files, new MLflowExperimentTracker(uri)]) : files,
  overrides: process.argv.slice(2),
  reporter: {
    note: (text) => console.error(text),
    epoch: ({ epoch, trainLoss, validationLoss }) => console.log(`epoch ${epoch}`, trainLoss, validationLoss),
  },
});

try {
  const { runId, runDir, config, metrics } = await trainer.train();
  console.log(`rank        ${config.training.lora_rank}`);
  console.log(`test MSE    ${metrics["test_mse"]} (zero-shot ${metrics["zero_shot_test_mse"]})`);
  console.log(`run id      ${runId}`);
  console.log(`run         ${runDir}`);
} catch (error) {
  if (!(error instanceof TtmError)) throw error;
  console.error(formatError(error));
  process.exitCode = 1;
}
