using MadgNet.Core.Data;
using MadgNet.Core.Data.Transforms;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inputs;
using MadgNet.Core.Models;
using MadgNet.Core.Modules.Attention;
using MadgNet.Core.Modules.Encoders;
using MadgNet.Core.Training;
using MadgNet.Core.Training.Optimization;
using MadgNet.HostModel;
using MadgNet.Onnx;

// From the repository's root: trains for a few minutes and replaces samples/OnnxHost/nuclei.onnx.
string data = Path.Combine("samples", "QuickStart", "data");
string target = Path.Combine("samples", "OnnxHost", "nuclei.onnx");
var reading = new FolderDatasetOptions { Window = IntensityWindow.MinMax };
var options = new MadgNetOptions
{
    Encoder = EncoderNames.Custom,
    SkipChannels = 16,
    DecoderChannels = [32, 24, 16],
    DctSizes = [7, 14, 28],
    Input = new ModelInput { Scaling = IntensityScaling.MinMax },
    BatchNormMomentum = 0.3,
    LabelNames = ["nucleus"],
    Attention = new MultiFrequencyMultiScaleOptions { Scales = 2, Frequencies = 8, MinimumChannels = 16, MinimumResolution = 4 },
};
using var model = new MadgNetModel(options, new SmallEncoder(16, 24, 32, 48), seed: 1);
Console.WriteLine($"{model.ParameterCount} parameters");
var augmentation = new Compose(new RandomCrop(128, 128), new HorizontalFlip(), new VerticalFlip());
var training = new BatchLoader(
    new FolderDataset(Path.Combine(data, "train"), reading),
    new BatchLoaderOptions { BatchSize = 4, Transform = augmentation, Seed = 1, DropLast = true });
var validation = new BatchLoader(
    new FolderDataset(Path.Combine(data, "validation"), reading), new BatchLoaderOptions { BatchSize = 1, Shuffle = false });
string output = Directory.CreateTempSubdirectory("madgnet-host-model-").FullName;
var trainer = new Trainer(
    model,
    new TrainerOptions { Epochs = 24, Schedule = new CosineAnnealingSchedule(3e-3, 1e-6), OutputFolder = output, ValidateEvery = 5 });
var progress = new EpochReport();
TrainingResult result = trainer.Train(training, validation, progress);
using MadgNetModel best = MadgNetModel.Load(result.BestCheckpoint!, new SmallEncoder(16, 24, 32, 48));
best.Threshold = 0.5;
OnnxExporter.Export(best, target, new OnnxExportOptions { InputSize = null });
Directory.Delete(output, recursive: true);
Console.WriteLine($"{target}, {new FileInfo(target).Length} bytes");

internal sealed class EpochReport : IProgress<TrainingProgress>
{
    private int _epoch = -1;

    public void Report(TrainingProgress value)
    {
        if (value.Epoch != _epoch)
        {
            _epoch = value.Epoch;
            Console.WriteLine(value);
        }
    }
}
