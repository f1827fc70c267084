using System.Globalization;
using MadgNet.Core.Inputs;
using MadgNet.Core.Models;
using MadgNet.Core.Modules.Decoding;
using MadgNet.Core.Modules.Encoders;
using MadgNet.Core.Tests.Support;
using MadgNet.Onnx.Tests.Support;
using Microsoft.ML.OnnxRuntime;
using Onnx;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Onnx.Tests;

/// <summary>What an exported file holds, and how it comes about.</summary>
public class OnnxExporterTests
{
    private static readonly OnnxExportOptions SmallSize = new() { InputSize = (32, 48) };

    [Fact]
    public void The_published_configuration_is_a_file_of_at_most_140_MB()
    {
        using var model = new MadgNetModel();
        using var stream = new MemoryStream();
        OnnxExporter.Write(model, stream);
        Assert.InRange(stream.Length, 130_000_000, 140_000_000);
    }

    [Fact]
    public void Smaller_precisions_make_files_of_a_half_and_a_quarter()
    {
        var size = new OnnxExportOptions { InputSize = (32, 64) };
        using MadgNetModel model = Models.Create();
        long full = OnnxRun.Export(model, size).Length;
        Assert.InRange(OnnxRun.Export(model, size with { Precision = OnnxPrecision.Float16 }).Length, 0.49 * full, 0.52 * full);
        Assert.InRange(OnnxRun.Export(model, size with { Precision = OnnxPrecision.Float16Weights }).Length, 0.49 * full, 0.52 * full);
        Assert.InRange(OnnxRun.Export(model, size with { Precision = OnnxPrecision.Int8 }).Length, 0.24 * full, 0.28 * full);
    }

    [Fact]
    public void An_encoder_of_the_hosts_is_exported_by_its_own_word()
    {
        using MadgNetModel model = Models.CreateTiny();
        using DisposeScope scope = NewDisposeScope();
        Tensor images = FixtureRule.Tensor("custom", [2, 3, 32, 48], 0, 1);
        OnnxRun.AssertAgrees(model, SmallSize with { Sigmoid = false, Outputs = OnnxOutputs.All }, images);
        OnnxRun.AssertAgrees(model, new OnnxExportOptions { InputSize = null }, images, FixtureRule.Tensor("other", [1, 3, 40, 24], 0, 1));
    }

    [Fact]
    public void An_encoder_of_the_hosts_that_takes_three_channels_gets_a_gray_image_three_times()
    {
        using MadgNetModel model = Models.CreateTiny(Models.Tiny with { Input = new ModelInput { Channels = 1 } });
        using DisposeScope scope = NewDisposeScope();
        OnnxRun.AssertAgrees(model, SmallSize with { Sigmoid = false }, FixtureRule.Tensor("gray", [1, 1, 32, 48], 0, 1));
    }

    [Fact]
    public void An_encoder_without_a_word_for_it_is_refused()
    {
        using var model = new MadgNetModel(
            Models.Tiny, new TinyEncoder(new FeatureLevel(4, 2), new FeatureLevel(6, 4), new FeatureLevel(8, 8)));
        OnnxExportException exception = Assert.Throws<OnnxExportException>(() => OnnxRun.Export(model, SmallSize));
        Assert.Contains("TinyEncoder", exception.Message, StringComparison.Ordinal);
        Assert.Contains("an encoder of this library", exception.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(IOnnxEncoder), exception.Problem.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void All_problems_of_the_options_are_reported_at_once()
    {
        using MadgNetModel model = Models.CreateTiny();
        var options = new OnnxExportOptions
        {
            InputSize = (33, 0),
            Outputs = (OnnxOutputs)9,
            Precision = (OnnxPrecision)9,
            InputValues = (OnnxInputValues)9,
            Metadata = new Dictionary<string, string> { ["madgnet.labels"] = "mine" },
        };
        InvalidOptionsException exception = Assert.Throws<InvalidOptionsException>(() => OnnxRun.Export(model, options));
        Assert.Equal(
            ["InputSize", "Outputs", "InputValues", "Precision", "Metadata"], exception.Problems.Select(problem => problem.Subject));
    }

    [Theory]
    [InlineData(36, 32)]
    [InlineData(32, 100)]
    [InlineData(100_000, 32)]
    public void A_size_that_the_network_cannot_take_is_refused(int height, int width)
    {
        using MadgNetModel model = Models.CreateTiny();
        Assert.Throws<InvalidOptionsException>(() => OnnxRun.Export(model, new OnnxExportOptions { InputSize = (height, width) }));
    }

    [Fact]
    public void A_file_that_cannot_be_written_leaves_nothing_behind()
    {
        using var folder = new TemporaryFolder();
        using MadgNetModel model = Models.CreateTiny();
        Directory.CreateDirectory(Path.Combine(folder.Root, "taken"));
        Assert.Throws<OnnxExportException>(() => OnnxExporter.Export(model, Path.Combine(folder.Root, "taken"), SmallSize));
        Assert.Throws<OnnxExportException>(() => OnnxExporter.Export(model, Path.Combine(folder.Root, "none", "a.onnx"), SmallSize));
        Assert.Empty(folder.Files);
    }

    [Fact]
    public void A_file_is_replaced_whole_and_is_what_the_stream_gets()
    {
        using var folder = new TemporaryFolder();
        using MadgNetModel model = Models.CreateTiny();
        string path = folder.Write("model.onnx", new byte[1 << 20]);
        OnnxExporter.Export(model, path, SmallSize);
        Assert.Equal(["model.onnx"], folder.Files);
        Assert.Equal(OnnxRun.Export(model, SmallSize), File.ReadAllBytes(path));
    }

    [Fact]
    public void The_mode_of_the_model_makes_no_difference_and_stays()
    {
        using MadgNetModel model = Models.CreateTiny();
        byte[] evaluating = OnnxRun.Export(model, SmallSize);
        model.train();
        Assert.Equal(evaluating, OnnxRun.Export(model, SmallSize));
        Assert.True(model.training);
    }

    [Fact]
    public void No_tensor_is_left_behind()
    {
        using MadgNetModel model = Models.CreateTiny();
        TensorLeak.None(() => OnnxRun.Export(model, SmallSize));
    }

    [Fact]
    public void Batch_normalisation_is_folded_and_nothing_is_stored_twice_or_unused()
    {
        using MadgNetModel model = Models.Create(Models.Small with { SubDecoder = SubDecoderNames.Parallel });
        ModelProto file = ModelProto.Parser.ParseFrom(OnnxRun.Export(model, new OnnxExportOptions { InputSize = (64, 64) }));
        Assert.DoesNotContain(file.Graph.Node, node => node.OpType == "BatchNormalization");
        Assert.DoesNotContain(
            file.Graph.Initializer.GroupBy(tensor => (tensor.RawData, string.Join('x', tensor.Dims), tensor.DataType)),
            group => group.Count() > 1);
        HashSet<string> read = [.. file.Graph.Node.SelectMany(node => node.Input)];
        Assert.All(file.Graph.Initializer, tensor => Assert.Contains(tensor.Name, read));
        HashSet<string> outputs = [.. file.Graph.Output.Select(output => output.Name)];
        Assert.All(file.Graph.Node, node => Assert.Contains(node.Output, output => read.Contains(output) || outputs.Contains(output)));

        // Of the sub-decoders the last one's region head alone.
        Assert.Single(file.Graph.Node, node => node.Output[0].StartsWith("sub_decoder", StringComparison.Ordinal) && node.OpType == "Conv");
    }

    [Fact]
    public void The_files_metadata_says_what_it_is()
    {
        MadgNetOptions options = Models.Tiny with
        {
            Labels = 2,
            LabelNames = ["cup", "disc"],
            Input = new ModelInput { Normalization = InputNormalization.ImageNet, Scaling = IntensityScaling.MinMax }
        };
        using MadgNetModel model = Models.CreateTiny(options);
        model.Threshold = 0.375;
        using InferenceSession session = OnnxRun.Open(OnnxRun.Export(model, SmallSize with
        {
            Outputs = OnnxOutputs.All,
            Sigmoid = false,
            InputValues = OnnxInputValues.Bytes,
            Precision = OnnxPrecision.Int8,
            Metadata = new Dictionary<string, string> { ["site"] = "Ålesund" },
        }));
        Dictionary<string, string> metadata = session.ModelMetadata.CustomMetadataMap;
        Assert.Equal(options, MadgNetOptions.FromJson(metadata[OnnxMetadata.ModelOptions]));
        Assert.Equal("[\"cup\",\"disc\"]", metadata[OnnxMetadata.Labels]);
        Assert.Equal(0.375, double.Parse(metadata[OnnxMetadata.Threshold], CultureInfo.InvariantCulture));
        Assert.Equal("32x48", metadata[OnnxMetadata.InputSize]);
        Assert.Equal("8", metadata[OnnxMetadata.Stride]);
        Assert.Equal("bytes", metadata[OnnxMetadata.InputValues]);
        Assert.Equal("MinMax", metadata[OnnxMetadata.IntensityScaling]);
        Assert.Equal("ImageNet", metadata[OnnxMetadata.Normalization]);
        Assert.Equal("logit", metadata[OnnxMetadata.OutputValues]);
        Assert.Equal("stage2_region", metadata[OnnxMetadata.RegionOutput]);
        Assert.Equal("Int8", metadata[OnnxMetadata.Precision]);
        Assert.Equal(OnnxExporter.LibraryVersion, metadata[OnnxMetadata.Version]);
        Assert.Equal("Ålesund", metadata["site"]);
    }

    [Theory]
    [InlineData(IntensityScaling.FullRange)]
    [InlineData(IntensityScaling.MinMax)]
    public void Bytes_are_scaled_in_the_graph_as_the_model_says(IntensityScaling scaling)
    {
        using MadgNetModel model = Models.CreateTiny(Models.Tiny with { Input = new ModelInput { Scaling = scaling } });
        using InferenceSession session = OnnxRun.Open(OnnxRun.Export(
            model, SmallSize with { InputValues = OnnxInputValues.Bytes, Sigmoid = false }));
        using DisposeScope scope = NewDisposeScope();
        using var noGrad = no_grad();

        // A dark image, a bright one and one of a single value.
        Tensor images = cat([Bytes("dark", 3, 90), Bytes("bright", 100, 255), full([1, 3, 32, 48], 77, ScalarType.Byte)]);
        Tensor values = images.to(ScalarType.Float32);
        Tensor low = values.amin([1L, 2L, 3L], keepdim: true);
        Tensor range = (values.amax([1L, 2L, 3L], keepdim: true) - low).clamp_min(1);
        Tensor scaled = scaling == IntensityScaling.FullRange ? values / 255 : (values - low) / range;
        Tensor expected = model.Predict(scaled);
        Assert.InRange(
            OnnxRun.Difference(expected, OnnxRun.Run(session, images)[OnnxExporter.RegionName]),
            0,
            1e-4 * expected.abs().max().item<float>());
    }

    [Fact]
    public void Weights_that_are_no_numbers_are_refused()
    {
        using MadgNetModel model = Models.CreateTiny();
        using (no_grad())
        using (Tensor first = model.parameters().First().flatten())
        {
            first[0] = float.NaN;
        }

        Assert.Throws<OnnxExportException>(() => OnnxRun.Export(model, SmallSize));
    }

    [Fact]
    public void Weights_too_large_for_half_precision_are_refused_for_it_alone()
    {
        using MadgNetModel model = Models.CreateTiny();
        using (no_grad())
        using (Tensor weight = model.state_dict()["sub_decoder_stage2.output_map_conv.weight"].flatten())
        {
            weight[0] = 1e6f;
        }

        Assert.NotEmpty(OnnxRun.Export(model, SmallSize));
        OnnxExportException exception = Assert.Throws<OnnxExportException>(() => OnnxRun.Export(
            model, SmallSize with { Precision = OnnxPrecision.Float16 }));
        Assert.Contains("65504", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(OnnxPrecision.Float16Weights, 0.005)]
    [InlineData(OnnxPrecision.Float16, 0.02)]
    [InlineData(OnnxPrecision.Int8, 0.1)]
    public void Smaller_precisions_stay_near_the_network(OnnxPrecision precision, double allowed)
    {
        // Random weights amplify rounding more than trained ones; the guide has the Dice differences of a trained network.
        using MadgNetModel model = Models.Create();
        using InferenceSession fixedSize = OnnxRun.Open(OnnxRun.Export(
            model, new OnnxExportOptions { InputSize = (64, 64), Precision = precision }));
        using InferenceSession anySize = OnnxRun.Open(OnnxRun.Export(
            model, new OnnxExportOptions { InputSize = null, Precision = precision }));
        using DisposeScope scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor images = FixtureRule.Tensor("precision", [2, 3, 64, 64], 0, 1);
        Tensor expected = model.Predict(images).sigmoid();
        foreach (InferenceSession session in new[] { fixedSize, anySize })
        {
            Tensor actual = OnnxRun.Run(session, images)[OnnxExporter.RegionName];
            double mean = (expected - actual).abs().mean().item<float>();
            Assert.InRange(mean, 0, allowed);
            Assert.True(actual.isfinite().all().item<bool>());
        }
    }

    [Theory]
    [InlineData(22, 14)]
    [InlineData(5, 14)]
    [InlineData(88, 56)]
    [InlineData(7, 7)]
    public void The_matrix_of_adaptive_pooling_is_what_the_library_pools(int length, int size)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor values = FixtureRule.Tensor("pool", [1, 1, 1, length], 0, 1);
        Tensor expected = nn.functional.adaptive_avg_pool2d(values, [1, size]).flatten();
        Tensor matrix = tensor(Export.Blocks.AdaptivePooling.Matrix(length, size), [size, length]);
        Assert.InRange(OnnxRun.Difference(expected, matrix.mv(values.flatten())), 0, 1e-6);
    }

    private static Tensor Bytes(string name, int low, int high) => FixtureRule.Tensor(name, [1, 3, 32, 48], low, high).to(ScalarType.Byte);
}
