using MadgNet.Core.Data;
using MadgNet.Core.Foundation;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inference;
using MadgNet.Core.Inference.Visualization;
using MadgNet.Core.Metrics;
using MadgNet.Core.Models;
using MadgNet.Core.Models.Registry;
using MadgNet.Core.Modules.Attention;
using MadgNet.Core.Modules.Attention.Recording;
using MadgNet.Core.Modules.Decoding;
using MadgNet.Core.Modules.Encoders;
using MadgNet.Core.Tests.Support;
using MadgNet.Core.Training;
using MadgNet.Core.Training.Checkpoints;
using MadgNet.Core.Training.Optimization;
using MadgNet.Core.Training.RangeTest;
using MadgNet.Core.Training.Reporting;
using MadgNet.Onnx;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Models;

/// <summary>
/// What the contract promises, held to by every kind of network: those of this library, with parts of a host's, and a host's own.
/// </summary>
public class EveryNetworkTests
{
    private static readonly Dictionary<string, Func<long, SegmentationModel>> Networks = new()
    {
        ["madgnet"] = seed => new MadgNetModel(Small, HostNetwork.Registry, seed),
        ["madgnet, haar, no spatial attention, parallel"] = seed => new MadgNetModel(
            Small with
            {
                ChannelAttention = AttentionNames.Haar,
                SpatialAttention = AttentionNames.None,
                SubDecoder = SubDecoderNames.Parallel
            },
            HostNetwork.Registry,
            seed),
        ["madgnet, gap, region"] = seed => new MadgNetModel(
            Small with { ChannelAttention = AttentionNames.AveragePooling, SubDecoder = SubDecoderNames.Region },
            HostNetwork.Registry,
            seed),
        ["madgnet, attention of the host's"] = seed => new MadgNetModel(
            Small with { ChannelAttention = HostAttention.Name }, HostNetwork.Registry, seed),
        ["unet"] = seed => new UNet(new UNetOptions { Encoder = HostEncoder.Name, DecoderChannels = [8, 6] }, HostNetwork.Registry, seed),
        ["unet, db2 and mssa, ensemble"] = seed => new UNet(
            new UNetOptions
            {
                Encoder = HostEncoder.Name,
                DecoderChannels = [8, 6],
                ChannelAttention = AttentionNames.Daubechies2,
                SpatialAttention = AttentionNames.MultiScaleSpatial,
                Frequencies = 4,
                SubDecoder = SubDecoderNames.Ensemble,
            },
            HostNetwork.Registry,
            seed),
        ["unet, sub-decoder of the host's"] = seed => new UNet(
            new UNetOptions { Encoder = HostEncoder.Name, DecoderChannels = [8, 6], SubDecoder = HostSubDecoder.Name },
            HostNetwork.Registry,
            seed),
        ["a host's own"] = seed => new HostNetwork(seed: seed),
    };

    public static TheoryData<string> Names => [.. Networks.Keys];

    private static MadgNetOptions Small => new()
    {
        Encoder = HostEncoder.Name,
        SkipChannels = 4,
        DecoderChannels = [8, 8],
        Attention = new MultiFrequencyMultiScaleOptions
        {
            Scales = 2,
            Frequencies = 4,
            MinimumChannels = 4,
            MinimumResolution = 2,
            DctSize = 8
        },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void It_trains_stops_and_goes_on_to_the_same_bits(string name)
    {
        using var folder = new TemporaryFolder();
        InMemoryDataset data = Discs.Dataset(8);
        SortedDictionary<string, byte[]> Train(string output, int stopAfter, ResumeMode resume)
        {
            using SegmentationModel model = Networks[name](3);
            using var stop = new CancellationTokenSource();
            int steps = 0;
            var options = new TrainerOptions
            {
                Epochs = 2,
                Schedule = new ConstantSchedule(1e-2),
                EmaDecay = 0.9,
                OutputFolder = output,
                Resume = resume,
            };
            try
            {
                new Trainer(model, options).Train(
                    Trainings.Loader(data, batchSize: 2),
                    Trainings.Validation(Discs.Dataset(2, seed: 5)),
                    new Trainings.Recorder([], () =>
                    {
                        if (++steps == stopAfter)
                        {
                            stop.Cancel();
                        }
                    }),
                    stop.Token);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                // Goes on below.
            }

            return Trainings.Weights(model);
        }

        SortedDictionary<string, byte[]> whole = Train(folder.File("whole/x"), int.MaxValue, ResumeMode.Never);
        Train(folder.File("parts/x"), 4, ResumeMode.Never);
        Trainings.Equal(whole, Train(folder.File("parts/x"), int.MaxValue, ResumeMode.Required));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void It_is_saved_and_loaded_by_name_and_predicts_the_same(string name)
    {
        using var folder = new TemporaryFolder();
        using SegmentationModel model = Networks[name](4);
        model.Threshold = 0.4;
        string path = folder.File("model.safetensors");
        model.Save(path);
        FloatImage image = Discs.Sample(0, 45, 38, 2).Image;

        using Predictor loaded = Predictor.Load(path, HostNetwork.Registry);
        using var direct = new Predictor(model);

        Assert.Equal(
            (model.Architecture, model.OptionsToJson(), model.Input, model.Threshold),
            (loaded.Model.Architecture, loaded.Model.OptionsToJson(), loaded.Model.Input, loaded.Model.Threshold));
        Assert.InRange(Pictures.Difference(direct.Predict(image).Probability, loaded.Predict(image).Probability), 0, 1e-5f);
        TensorLeak.None(() => loaded.Predict(image));
        TensorLeak.None(() => Predictor.Load(path, HostNetwork.Registry).Dispose());

        // Without the host's parts the file says which is missing.
        InvalidOptionsException exception = Assert.Throws<InvalidOptionsException>(() => Predictor.Load(path));
        Assert.Contains("host-", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Views_tiles_and_evaluation_take_it(string name)
    {
        using SegmentationModel model = Networks[name](5);
        FloatImage image = Discs.Sample(0, 64, 48, 2).Image;
        using var views = new Predictor(model, new PredictorOptions { Augmentation = new TestTimeAugmentation() });
        using var tiles = new Predictor(model, new PredictorOptions { Tiles = new TileOptions { Size = (32, 32), Overlap = 8 } });

        Assert.Equal((64, 48), (views.Predict(image).Probability.Height, views.Predict(image).Probability.Width));
        Assert.Equal((64, 48), (tiles.Predict(image).Probability.Height, tiles.Predict(image).Probability.Width));
        using var predictor = new Predictor(model);
        EvaluationReport report = new Evaluator().EvaluateDataset(
            Discs.Dataset(2),
            sample => predictor.Predict(sample.Image).Probability,
            cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(2, report.Cases.Count);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void It_is_looked_into(string name)
    {
        using SegmentationModel model = Networks[name](6);
        AttentionReport report = new AttentionExplorer(model).Explore(Discs.Sample(0, 40, 40, 2).Image);

        Assert.Equal(model.StageCount, report.Stages.Count);
        using var recorder = new AttentionRecorder();
        using Tensor image = rand(1, 3, 32, 32);
        using (no_grad())
        {
            model.ForwardWithAttention(image, recorder).Dispose();
        }

        // What is recorded at the stages is what the report shows.
        bool recorded = recorder.Of<ChannelAttentionRecord>().Any() || recorder.Of<SpatialAttentionRecord>().Any();
        Assert.Equal(recorded, report.Stages.Any(stage => stage.Scales.Count > 0));
    }

    [Fact]
    public void A_part_of_the_host_s_records_what_it_likes_and_is_told_where_it_stands()
    {
        using SegmentationModel model = Networks["unet, sub-decoder of the host's"](6);
        using var recorder = new AttentionRecorder();
        using Tensor image = rand(1, 3, 32, 32);
        model.ForwardWithAttention(image, recorder).Dispose();

        HostRecord record = Assert.Single(recorder.Of<HostRecord>());
        Assert.Equal(model.SubDecoderPath(0), record.Path);
        Assert.Equal([1L, 1, 16, 16], record.Mean.shape);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Its_ONNX_file_predicts_the_same_without_libtorch(string name)
    {
        using SegmentationModel model = Networks[name](7);
        model.eval();
        using var direct = new Predictor(model);
        foreach ((int Height, int Width)? size in new (int, int)?[] { null, (32, 48) })
        {
            using var stream = new MemoryStream();
            OnnxExporter.Write(model, stream, new OnnxExportOptions { InputSize = size });
            using OnnxPredictor exported = OnnxPredictor.FromBytes(stream.ToArray());
            FloatImage image = Discs.Sample(0, 32, 48, 2).Image;
            Assert.InRange(Pictures.Difference(direct.Predict(image).Probability, exported.Predict(image).Probability), 0, 1e-4f);
            Assert.Equal(model.Input, exported.Network.Input);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_range_test_and_the_card_take_it(string name)
    {
        using var folder = new TemporaryFolder();
        using SegmentationModel model = Networks[name](11);
        BatchLoader loader = Trainings.Loader(Discs.Dataset(2), batchSize: 2);
        LearningRateRange range = new LearningRateRangeTest(model, new LearningRateRangeOptions { Steps = 10 }).Run(loader);
        Assert.NotEmpty(range.Points);

        new Trainer(model, new TrainerOptions { Epochs = 1, OutputFolder = folder.File("run"), Observers = [new RunFolder()] })
            .Train(loader);
        RunManifest manifest = RunManifest.Load(folder.File("run"));
        Assert.Equal((model.Architecture, model.ParameterCount), (manifest.Model.Architecture, manifest.Parameters));
        Assert.StartsWith($"# {model.Description}\n", File.ReadAllText(folder.File("run/MODEL.md")), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Only_the_targets_that_it_needs_are_made_and_nothing_is_left_behind(string name)
    {
        using SegmentationModel model = Networks[name](8);
        BatchLoader loader = Trainings.Loader(Discs.Dataset(2), batchSize: 2);
        using Batch batch = loader.EpochFor(model.Tasks, 0, 0, TestContext.Current.CancellationToken).First();
        Assert.Equal(model.Tasks.HasFlag(SupervisionTasks.Distance), batch.Targets.Distance is not null);
        Assert.Equal(model.Tasks.HasFlag(SupervisionTasks.Boundary), batch.Targets.Boundary is not null);

        using Tensor image = rand(2, 3, 32, 32);
        using (SegmentationOutput output = model.call(image))
        {
            Assert.Equal(model.StageCount, output.Stages.Count);
            Assert.All(output.Stages, stage => Assert.Equal(model.Tasks.HasFlag(SupervisionTasks.Distance), stage.Distance is not null));
        }

        TensorLeak.None(() => model.call(image).Dispose());
        TensorLeak.None(() => model.Predict(image).Dispose());
        TensorLeak.None(() =>
        {
            using InferenceModel form = model.ForInference();
            form.Predict(image).Dispose();
        });
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_same_seed_gives_the_same_weights(string name)
    {
        using SegmentationModel one = Networks[name](9);
        using SegmentationModel same = Networks[name](9);
        using SegmentationModel other = Networks[name](10);

        Trainings.Equal(Trainings.Weights(one), Trainings.Weights(same));
        Assert.Contains(Trainings.Weights(one), weight => !weight.Value.AsSpan().SequenceEqual(Trainings.Weights(other)[weight.Key]));
    }
}
