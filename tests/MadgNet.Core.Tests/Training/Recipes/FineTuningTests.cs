using MadgNet.Core.Data;
using MadgNet.Core.Inference;
using MadgNet.Core.Inputs;
using MadgNet.Core.Models;
using MadgNet.Core.Models.Registry;
using MadgNet.Core.Modules.Encoders;
using MadgNet.Core.Tests.Support;
using MadgNet.Core.Training;
using MadgNet.Core.Training.Checkpoints;
using MadgNet.Core.Training.Recipes;
using MadgNet.Core.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Training.Recipes;

/// <summary>Trainings that start from an encoder that has learned, here a tiny one.</summary>
public class FineTuningTests
{
    private const string Tiny = "tiny";

    private static readonly ModelRegistry Registry = ModelRegistry.BuiltIn.With(new EncoderEntry(
        Tiny, channels => new TinyEncoder(channels, new FeatureLevel(4, 2), new FeatureLevel(6, 4), new FeatureLevel(8, 8))));

    [Fact]
    public void A_pretrained_encoder_brings_network_weights_and_input_together()
    {
        using var folder = new TemporaryFolder();
        Recipe recipe = Recipe.FromPretrained(Pretrained(folder), images: 40, Modality.Dermoscopy);
        UNetOptions network = Assert.IsType<UNetOptions>(recipe.Model);
        Assert.Equal(Tiny, network.Encoder);
        Assert.Equal((ChannelOrder.Bgr, ValueRange.ZeroTo255), (network.Input.ChannelOrder, network.Input.ValueRange));
        Assert.Equal((folder.File("tiny.safetensors"), WeightLoadMode.Encoder), (recipe.Weights, recipe.WeightMode));
        Assert.Empty((recipe with { Registry = Registry }).Validate());
        Assert.IsType<MadgNetOptions>(Recipe.FineTuning(40).WithPretrained(Pretrained(folder)).Model);
        Assert.Throws<InvalidOptionsException>(() => Recipe.FineTuning(40).WithPretrained(
            Pretrained(folder) with { Weights = "/no/such/file" }));
    }

    [Fact]
    public void The_network_starts_with_the_encoders_weights()
    {
        using var folder = new TemporaryFolder();
        Recipe recipe = Small(folder, "run");
        using SegmentationModel model = recipe.BuildModel();
        using WeightArchive file = WeightArchive.Open(recipe.Weights!);
        foreach (string name in file.Names)
        {
            using Tensor expected = file.Load(name);
            Assert.True(expected.allclose(model.state_dict()["feature_encoding." + name], 0, 0));
        }
    }

    [Fact]
    public void The_same_seed_twice_gives_the_same_bits_also_where_it_was_resumed()
    {
        using var folder = new TemporaryFolder();
        byte[] first = Train(Small(folder, "first"));
        byte[] second = Train(Small(folder, "second"));
        Assert.Equal(first, second);
        Assert.NotEqual(first, Train(Small(folder, "third") with { Seed = 8 }));

        // Interrupted after the first epoch, and gone on with.
        Recipe whole = Small(folder, "fourth");
        Recipe resumed = whole with { Trainer = whole.Trainer with { Resume = ResumeMode.IfPresent } };
        using var interruption = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => resumed.Train(
            Discs.Dataset(8),
            Discs.Dataset(4, seed: 2),
            new CancelAfterFirst(interruption),
            cancellationToken: interruption.Token));
        Assert.Equal(first, Train(resumed));
    }

    [Fact]
    public void A_predictor_loads_a_network_with_an_encoder_of_the_registry()
    {
        using var folder = new TemporaryFolder();
        TrainingResult result = Small(folder, "run").Train(
            Discs.Dataset(8), Discs.Dataset(4, seed: 2), cancellationToken: TestContext.Current.CancellationToken);
        using Predictor predictor = Predictor.Load(result.BestCheckpoint!, Registry);
        Prediction prediction = predictor.Predict(Discs.Sample(1, 40, 48, 3).Image);
        Assert.Equal((40, 48), (prediction.Height, prediction.Width));
        BlockProperty.FollowsTheMessageRule(
            Assert.Throws<InvalidOptionsException>(() => Predictor.Load(result.BestCheckpoint!)), "tiny", "ModelRegistry.With");
    }

    [Fact]
    public void Card_and_manifest_name_licence_and_source_of_the_weights()
    {
        using var folder = new TemporaryFolder();
        Train(Small(folder, "run"));
        string card = File.ReadAllText(Path.Combine(folder.File("run"), "MODEL.md"));
        Assert.Contains("- source: a drawer", card, StringComparison.Ordinal);
        Assert.Contains("- licence: MIT", card, StringComparison.Ordinal);
        Assert.Contains("- trained on: nothing", card, StringComparison.Ordinal);
    }

    private static byte[] Train(Recipe recipe)
    {
        TrainingResult result = recipe.Train(
            Discs.Dataset(8), Discs.Dataset(4, seed: 2), cancellationToken: TestContext.Current.CancellationToken);
        return File.ReadAllBytes(result.LastCheckpoint!);
    }

    private static Recipe Small(TemporaryFolder folder, string run)
    {
        Recipe recipe = Recipe.FromPretrained(Pretrained(folder), images: 8).WithSize(32).WithEpochs(2);
        return (recipe with
        {
            Registry = Registry,
            Model = ((UNetOptions)recipe.Model) with { DecoderChannels = [4, 4] },
            Seed = 7,
        }).WithOutput(folder.File(run));
    }

    private static PretrainedEncoder Pretrained(TemporaryFolder folder)
    {
        string path = folder.File("tiny.safetensors");
        if (!File.Exists(path))
        {
            using var encoder = new TinyEncoder(3, new FeatureLevel(4, 2), new FeatureLevel(6, 4), new FeatureLevel(8, 8));
            MadgNet.Core.Modules.WeightInitialization.Apply(encoder, 99);
            encoder.SaveWeights(path, new Dictionary<string, string>
            {
                ["licence"] = "MIT",
                ["source"] = "a drawer",
                ["trained on"] = "nothing",
            });
        }

        return new PretrainedEncoder
        {
            Encoder = Tiny,
            Weights = path,
            Input = new ModelInput { ChannelOrder = ChannelOrder.Bgr, ValueRange = ValueRange.ZeroTo255, Mean = [103, 116, 123] },
        };
    }

    private sealed class CancelAfterFirst(CancellationTokenSource source) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Phase == TrainingPhase.EpochCompleted)
            {
                source.Cancel();
            }
        }
    }
}
