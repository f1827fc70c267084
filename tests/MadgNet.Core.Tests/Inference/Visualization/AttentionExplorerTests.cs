using System.Text.Json;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inference;
using MadgNet.Core.Inference.Visualization;
using MadgNet.Core.Models;
using MadgNet.Core.Modules.Attention.Recording;
using MadgNet.Core.Modules.Encoders;
using MadgNet.Core.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Inference.Visualization;

public sealed class AttentionExplorerTests
{
    private static readonly MadgNetOptions TwoLabels = TinyModel.Options with { Labels = 2, LabelNames = ["cup", "disc"] };

    [Fact]
    public void Maps_of_an_image_that_fits_are_those_of_the_network()
    {
        using MadgNetModel model = TinyModel.Create(seed: 3, TwoLabels);
        FloatImage image = Samples.Ramp(3, 24, 32);
        AttentionReport report = new AttentionExplorer(model).Explore(image);

        using DisposeScope scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var recorder = new AttentionRecorder();
        SegmentationOutput output = model.ForwardWithAttention(image.ToTensor().unsqueeze(0), recorder);
        Assert.Equal((24, 32), report.NetworkSize);
        Assert.Equal(2, report.Stages.Count);
        for (int i = 0; i < 2; i++)
        {
            AssertSame(output.Stages[i].Region, report.Stages[i].Maps.Region);
            AssertSame(output.Stages[i].Distance!, report.Stages[i].Maps.Distance!);
            AssertSame(output.Stages[i].Boundary!, report.Stages[i].Maps.Boundary!);
        }

        Assert.Same(report.Stages[^1].Maps.Region, report.Probability);
        Assert.Equal(["cup", "disc"], report.LabelNames);
        Assert.Equal(0.5, report.Threshold);

        SpatialAttentionRecord[] spatial = [.. recorder.Of<SpatialAttentionRecord>()];
        ChannelAttentionRecord[] channels = [.. recorder.Of<ChannelAttentionRecord>()];
        ScaleAttention[] scales = [.. report.Stages.SelectMany(stage => stage.Scales)];
        Assert.Equal(4, scales.Length);
        for (int i = 0; i < scales.Length; i++)
        {
            Assert.Equal(i % 2, scales[i].Scale);
            Assert.Equal((spatial[i].Alpha, spatial[i].Beta), (scales[i].Spatial!.Alpha, scales[i].Spatial!.Beta));
            Assert.Equal(spatial[i].Foreground.data<float>().ToArray(), scales[i].Spatial!.Stored.Data.ToArray());
            Assert.Equal(channels[i].Weights.data<float>().ToArray(), scales[i].Channels!.Weights);
            Assert.Equal(channels[i].Average.data<float>().ToArray(), scales[i].Channels!.Average.Values.ToArray());
            Assert.Equal(channels[i].Maximum!.data<float>().ToArray(), scales[i].Channels!.Maximum!.Values.ToArray());
            Assert.Equal(channels[i].Minimum!.data<float>().ToArray(), scales[i].Channels!.Minimum!.Values.ToArray());
            Assert.Equal([scales[i].Channels!.Weights.Count, 2], scales[i].Channels!.Average.Shape);
            Assert.Equal([(0, 0), (0, 1)], scales[i].Channels!.Frequencies);
        }

        static void AssertSame(Tensor logits, FloatImage map)
        {
            float[] expected = logits.sigmoid().data<float>().ToArray();
            Assert.Equal(expected, map.Data.ToArray());
        }
    }

    [Theory]
    [InlineData(13, 21)]
    [InlineData(1, 1)]
    [InlineData(40, 8)]
    public void An_image_of_any_size_gives_maps_of_its_size(int height, int width)
    {
        using MadgNetModel model = TinyModel.Create();
        AttentionReport report = new AttentionExplorer(model).Explore(Samples.Ramp(3, height, width));
        Assert.Equal((0, 0), (report.NetworkSize.Height % model.Stride, report.NetworkSize.Width % model.Stride));
        Assert.All(report.Stages, stage =>
        {
            FloatImage[] maps =
            [
                stage.Maps.Region, stage.Maps.Distance!, stage.Maps.Boundary!,
                stage.BeforeCoupling.Region, stage.BeforeCoupling.Distance!, stage.BeforeCoupling.Boundary!,
                .. stage.Scales.SelectMany(scale => new[] { scale.Spatial!.Foreground, scale.Spatial.Background() }),
            ];
            Assert.All(maps, map =>
            {
                Assert.Equal((height, width), (map.Height, map.Width));
                Assert.All(map.Data.ToArray(), value => Assert.InRange(value, 0, 1));
            });
        });
    }

    [Fact]
    public void The_probability_is_that_of_the_predictor()
    {
        using MadgNetModel model = TinyModel.Create(seed: 5);
        FloatImage image = Samples.Ramp(3, 19, 27);
        foreach ((int Height, int Width)? size in ((int, int)?[])[null, (16, 24)])
        {
            using var predictor = new Predictor(model, new PredictorOptions { InputSize = size });
            float[] expected = predictor.Predict(image).Probability.Data.ToArray();
            float[] explored = new AttentionExplorer(
                model, new AttentionExplorerOptions { InputSize = size }).Explore(image).Probability.Data.ToArray();
            Assert.Equal(expected.Length, explored.Length);
            Assert.All(expected.Zip(explored), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
        }
    }

    [Fact]
    public void A_network_without_attention_says_so_by_absence()
    {
        MadgNetOptions options = TinyModel.Options with
        {
            Attention = TinyModel.Options.Attention with { Frequencies = 0, SpatialAttention = false }
        };
        using MadgNetModel model = TinyModel.Create(0, options);
        AttentionReport report = new AttentionExplorer(model).Explore(Samples.Ramp(3, 16, 16));
        Assert.All(report.Stages.SelectMany(stage => stage.Scales), scale => Assert.True(scale.Channels is null && scale.Spatial is null));
        Assert.Null(report.ChannelSheet());
        Assert.Null(report.FrequencySheet());
        Assert.Null(report.ScalarChart());
        Assert.True(report.Overview().Height > 100);
        using var folder = new TemporaryFolder();
        IReadOnlyList<string> files = report.Save(Path.Combine(folder.Root, "report"));
        Assert.DoesNotContain(
            files,
            path => path.Contains("foreground", StringComparison.Ordinal) || path.EndsWith("channels.csv", StringComparison.Ordinal));
    }

    [Fact]
    public void Everything_is_written_as_pictures_and_as_data()
    {
        using MadgNetModel model = TinyModel.Create(1, TwoLabels);
        AttentionReport report = new AttentionExplorer(model).Explore(Samples.Ramp(3, 18, 22));
        using var folder = new TemporaryFolder();
        IReadOnlyList<string> files = report.Save(folder.Root);

        Assert.Equal(folder.Files, files.Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal));
        Assert.Superset(
            new HashSet<string>
            {
                "overview-1.png",
                "overview-2.png",
                "channels.png",
                "frequencies.png",
                "scalars.png",
                "report.json",
                "scales.csv",
                "channels.csv",
                "frequencies.csv",
                "stage1-region-1.png",
                "stage2-boundary-2.png",
                "stage1-scale1-background.png",
                "stage2-distance.npy"
            },
            folder.Files.ToHashSet());
        FloatImage map = NpyFile.Read(folder.File("stage2-region.npy")).ToImage();
        Assert.Equal(report.Probability.Data.ToArray(), map.Data.ToArray());
        PixelImage picture = new ImageReader().Read(folder.File("stage1-scale0-foreground.png"));
        Assert.Equal((22, 18), (picture.Width, picture.Height));

        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(folder.File("report.json")));
        JsonElement scale = json.RootElement.GetProperty("stages")[1].GetProperty("scales")[0];
        Assert.Equal(report.Stages[1].Scales[0].Spatial!.Alpha, scale.GetProperty("alpha").GetDouble());
        Assert.Equal(
            report.Stages[1].Scales[0].Channels!.Weights,
            scale.GetProperty("channelWeights").EnumerateArray().Select(weight => weight.GetSingle()));

        int channels = report.Stages.Sum(stage => stage.Scales.Sum(each => each.Channels!.Weights.Count));
        Assert.Equal(1 + channels, File.ReadLines(folder.File("channels.csv")).Count());
        Assert.Equal(1 + (2 * channels), File.ReadLines(folder.File("frequencies.csv")).Count());
        Assert.Equal("stage,scale,channel,u,v,average,maximum,minimum", File.ReadLines(folder.File("frequencies.csv")).First());
    }

    [Fact]
    public void Only_what_is_asked_for_is_written_and_cancellation_stops_it()
    {
        using MadgNetModel model = TinyModel.Create();
        AttentionReport report = new AttentionExplorer(model).Explore(Samples.Ramp(3, 16, 16));
        using var folder = new TemporaryFolder();
        Assert.All(report.Save(folder.Root, AttentionContent.Maps), path => Assert.EndsWith(".npy", path));
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => report.Save(
            Path.Combine(folder.Root, "more"), AttentionContent.All, cancelled.Token));
    }

    [Fact]
    public void Looking_leaves_no_tensor_behind_also_where_it_is_refused()
    {
        using MadgNetModel model = TinyModel.Create();
        var explorer = new AttentionExplorer(model);
        TensorLeak.None(() => explorer.Explore(Samples.Ramp(3, 13, 21)));
        TensorLeak.None(() => Assert.Throws<TensorShapeException>(() => explorer.Explore(Samples.Ramp(2, 16, 16))));
    }

    [Fact]
    public void Bad_options_and_labels_are_refused()
    {
        using MadgNetModel model = TinyModel.Create();
        Assert.Equal(
            2,
            Assert.Throws<InvalidOptionsException>(() => new AttentionExplorer(
                model, new AttentionExplorerOptions { InputSize = (0, 8), Reader = null! })).Problems.Count);
        AttentionReport report = new AttentionExplorer(model).Explore(Samples.Ramp(3, 16, 16));
        Assert.Throws<ArgumentOutOfRangeException>(() => report.Overview(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => report.ScalarChart(10));
    }

    [Fact]
    public void Split_attention_of_the_encoder_is_recorded_block_by_block()
    {
        using var backbone = new ResNeStEncoder();
        backbone.eval();
        using DisposeScope scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var recorder = new AttentionRecorder();
        Tensor image = BlockProperty.Input(1, 3, 32, 32);
        IReadOnlyList<Tensor> plain = backbone.Encode(image);
        IReadOnlyList<Tensor> recorded;
        using (recorder.Follow())
        {
            recorded = backbone.Encode(image);
        }

        Assert.All(plain.Zip(recorded), pair => Assert.Equal(pair.First.data<float>().ToArray(), pair.Second.data<float>().ToArray()));
        SplitAttentionRecord[] splits = [.. recorder.Of<SplitAttentionRecord>()];
        Assert.Equal(3 + 4 + 6 + 3, splits.Length);
        Assert.Equal("layer1.0.conv2", splits[0].Path);
        Assert.Equal("layer4.2.conv2", splits[^1].Path);
        Assert.Equal([1L, 2, 64], splits[0].Weights.shape);
        Assert.All(splits, split => Assert.True(allclose(split.Weights.sum(1), ones_like(split.Weights.select(1, 0)))));
    }
}
