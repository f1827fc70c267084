using System.Globalization;
using MadgNet.Core.Data;
using MadgNet.Core.Data.Transforms;
using MadgNet.Core.Foundation;
using MadgNet.Core.Imaging;
using MadgNet.Core.Losses;
using MadgNet.Core.Metrics;
using MadgNet.Core.Modules;
using MadgNet.Core.Modules.Attention.Recording;
using MadgNet.Samples.CustomPipeline;
using TorchSharp;
using static TorchSharp.torch;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
const int Epochs = 8;

// Data: the same loader that the Trainer uses, with a transform of our own in the chain.
var reading = new FolderDatasetOptions { Window = IntensityWindow.MinMax };
var training = new FolderDataset(Path.Combine(AppContext.BaseDirectory, "data", "train"), reading);
var validation = new FolderDataset(Path.Combine(AppContext.BaseDirectory, "data", "validation"), reading);
var loader = new BatchLoader(training, new BatchLoaderOptions
{
    BatchSize = 8,
    DropLast = true,
    Seed = 1,
    Transform = new Compose(new RandomCrop(128, 128), new HorizontalFlip(), new InvertSometimes { Probability = 0.1 }),
});

// Network: single blocks, no builder; every weight follows from a seed.
using var network = new SmallSegmenter();
WeightInitialization.Apply(network, seed: 1);
Console.WriteLine($"{network.parameters().Sum(parameter => parameter.numel()):N0} parameters");

// Loss: one stage; the boundary counts half.
var loss = new DeepSupervisionLoss(new DeepSupervisionOptions
{
    Region = new StructureLoss(StructureLossForm.PerPixel),
    BoundaryWeight = 0.5
});
using var optimizer = optim.AdamW(network.parameters(), lr: 3e-3);
for (int epoch = 0; epoch < Epochs; epoch++)
{
    double sum = 0;
    foreach (Batch batch in loader.Epoch(epoch))
    {
        using (batch)
        {
            using DisposeScope step = NewDisposeScope();
            optimizer.zero_grad();
            DeepSupervisionResult result = loss.Compute([network.call(batch.Images)], batch.Targets);
            result.Total.backward();
            optimizer.step();
            sum += result.Total.item<float>();
        }
    }

    Console.WriteLine($"epoch {epoch + 1}/{Epochs}  loss {sum / loader.BatchCount:F3}");
}

// Validation, and a look inside the attention in the same pass.
network.eval();
using var noGradients = no_grad();
var dice = new List<double>();
foreach (Batch batch in new BatchLoader(
    validation, new BatchLoaderOptions { BatchSize = 1, Shuffle = false, Transform = new RandomCrop(256, 256) }).Epoch(0))
{
    using (batch)
    {
        using DisposeScope scope = NewDisposeScope();
        using var recorder = new AttentionRecorder();
        TaskMaps maps = network.ForwardWithAttention(batch.Images, recorder);
        dice.Add(ConfusionCounts.FromBatch(maps.Region.sigmoid(), batch.Targets.Region)[0][0].Dice);
        if (batch.Number == 0)
        {
            Describe(recorder);
        }
    }
}

Console.WriteLine($"validation Dice {dice.Average():F3}");

static void Describe(AttentionRecorder recorder)
{
    foreach (ChannelAttentionRecord record in recorder.Of<ChannelAttentionRecord>())
    {
        float[] weights = record.Weights[0].data<float>().ToArray();
        Console.WriteLine(
            $"{record.Path}: channel weights {weights.Min():F2} to {weights.Max():F2}, strongest channel "
                + $"{Array.IndexOf(weights, weights.Max())}");
    }

    foreach (SpatialAttentionRecord record in recorder.Of<SpatialAttentionRecord>())
    {
        using Tensor mean = record.Foreground.mean();
        Console.WriteLine(
            $"{record.Path}: foreground on average {mean.item<float>():F2}, α {record.Alpha:F2} (background), β {record.Beta:F2} "
                + $"(foreground)");
    }
}
