using Google.Protobuf;
using MadgNet.Core;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inference;
using MadgNet.Core.Inputs;
using MadgNet.Core.Models;
using MadgNet.Core.Modules.Encoders;
using MadgNet.Core.Tests.Support;
using MadgNet.Onnx.Tests.Support;
using Onnx;
using TorchSharp;

namespace MadgNet.Onnx.Tests;

/// <summary>The predictor on ONNX Runtime: what it finds, what it reads in files, and what it refuses.</summary>
public class OnnxPredictorTests
{
    private static readonly OnnxExportOptions AnySize = new() { InputSize = null };
    private static readonly OnnxExportOptions OneSize = new() { InputSize = (32, 48) };
    private static readonly OnnxRuntimeOptions OneThread = new() { Threads = 1, Spinning = false };

    private static readonly Dictionary<string, (Action<ModelProto> Damage, string Message)> Faults = new()
    {
        ["image of another rank than the network's"] = (model => Image(model).Dim.RemoveAt(0), "cannot load"),
        ["three dimensions throughout"] = (Flatten, "with 3 dimensions"),
        ["free channels"] = (model => Image(model).Dim[1] = new TensorShapeProto.Types.Dimension { DimParam = "c" },
            "known before the network runs"),
        ["one side free"] = (model => Image(model).Dim[3] = new TensorShapeProto.Types.Dimension { DimParam = "w" },
            "both fixed or both free"),
        ["threshold"] = (model => Text(model, OnnxMetadata.Threshold, "2"), "madgnet.threshold = '2'"),
        ["stride"] = (model => Text(model, OnnxMetadata.Stride, "-8"), "madgnet.stride"),
        ["labels"] = (model => Text(model, OnnxMetadata.Labels, "[\"a\",\"b\",\"c\"]"), "madgnet.labels"),
        ["labels that are no JSON"] = (model => Text(model, OnnxMetadata.Labels, "cup"), "madgnet.labels"),
        ["scaling"] = (model => Text(model, OnnxMetadata.IntensityScaling, "1"), "madgnet.intensity_scaling"),
        ["values"] = (model => Text(model, OnnxMetadata.OutputValues, "percent"), "madgnet.output_values"),
        ["values unsaid"] = (model => Remove(model, OnnxMetadata.OutputValues), "OutputValues"),
        ["output that is not there"] = (model => Text(model, OnnxMetadata.RegionOutput, "mask"), "named mask"),
        ["unknown operator"] = (model => model.Graph.Node[0].OpType = "Frobnicate", "cannot load"),
        ["lost weights"] = (model => model.Graph.Initializer.Clear(), "cannot load"),
        ["shorter weights"] = (model =>
            model.Graph.Initializer.MaxBy(tensor => tensor.RawData.Length)!.RawData = ByteString.CopyFrom(1, 2, 3),
            "cannot load"),
    };

    public static TheoryData<string> Damages => [.. Faults.Keys];

    [Fact]
    public void Both_predictors_agree_on_images_of_any_size()
    {
        using MadgNetModel model = Models.CreateTiny();
        using var expected = new Predictor(model);
        using OnnxPredictor actual = OnnxPredictor.FromBytes(OnnxRun.Export(model, AnySize), null, OneThread);
        foreach ((int height, int width) in new[] { (32, 32), (37, 50), (61, 24), (8, 8), (1, 5) })
        {
            FloatImage image = Image($"{height}x{width}", 3, height, width);
            AssertEqual(expected.Predict(image), actual.Predict(image));
        }

        AssertEqual(expected.Predict(Image("gray", 1, 20, 30)), actual.Predict(Image("gray", 1, 20, 30)));
    }

    [Fact]
    public void A_network_of_one_size_gets_its_images_resized()
    {
        using MadgNetModel model = Models.CreateTiny();
        using var expected = new Predictor(model, new PredictorOptions { InputSize = (32, 48) });
        using OnnxPredictor actual = OnnxPredictor.FromBytes(OnnxRun.Export(model, OneSize), null, OneThread);
        Assert.Equal((32, 48), actual.Network.FixedSize);
        FloatImage image = Image("resized", 3, 50, 41);
        AssertEqual(expected.Predict(image), actual.Predict(image));
    }

    [Fact]
    public void Logits_and_files_with_all_maps_give_the_same_prediction()
    {
        using MadgNetModel model = Models.CreateTiny();
        using var expected = new Predictor(model);
        FloatImage image = Image("all", 3, 40, 40);
        foreach (OnnxExportOptions options in new[]
        {
            AnySize with { Sigmoid = false },
            AnySize with { Outputs = OnnxOutputs.All },
            AnySize with { Outputs = OnnxOutputs.All, Sigmoid = false }
        })
        {
            using OnnxPredictor actual = OnnxPredictor.FromBytes(OnnxRun.Export(model, options), null, OneThread);
            AssertEqual(expected.Predict(image), actual.Predict(image));
        }
    }

    [Fact]
    public void A_network_that_takes_bytes_sees_the_images_own()
    {
        foreach (IntensityScaling scaling in Enum.GetValues<IntensityScaling>())
        {
            using MadgNetModel model = Models.CreateTiny(Models.Tiny with { Input = new ModelInput { Scaling = scaling } });
            using var expected = new Predictor(model);
            using OnnxPredictor actual = OnnxPredictor.FromBytes(
                OnnxRun.Export(model, AnySize with { InputValues = OnnxInputValues.Bytes }), null, OneThread);
            var samples = new byte[40 * 32 * 3];
            new Random(3).NextBytes(samples);
            var image = new PixelImage(40, 32, 3, [.. samples.Select(sample => (byte)(20 + (sample / 2)))]);
            AssertEqual(expected.Predict(image), actual.Predict(image));
        }
    }

    [Fact]
    public void The_network_is_described_by_the_files_metadata()
    {
        using MadgNetModel model = Models.CreateTiny(
            Models.Tiny with { Labels = 2, LabelNames = ["cup", "disc"], Input = new ModelInput { Scaling = IntensityScaling.MinMax } });
        model.Threshold = 0.25;
        using OnnxPredictor predictor = OnnxPredictor.FromBytes(OnnxRun.Export(model, AnySize), null, OneThread);
        Assert.Equal(3, predictor.Network.InputChannels);
        Assert.Equal(["cup", "disc"], predictor.Network.LabelNames);
        Assert.Equal(8, predictor.Network.Stride);
        Assert.True(predictor.Network.AcceptsGray);
        Assert.Equal(IntensityScaling.MinMax, predictor.Network.Input.Scaling);
        Assert.Equal(0.25, predictor.Network.Threshold);
        Assert.Null(predictor.Network.FixedSize);
        Assert.Null(predictor.Network.MaximumBatch);
        Assert.Equal("probability", predictor.Metadata[OnnxMetadata.OutputValues]);
    }

    [Fact]
    public void A_foreign_file_is_described_by_the_options()
    {
        using MadgNetModel model = Models.CreateTiny();
        byte[] file = Change(OnnxRun.Export(model, AnySize with { Sigmoid = false }), proto => proto.MetadataProps.Clear());
        using var expected = new Predictor(model);
        using OnnxPredictor actual = OnnxPredictor.FromBytes(file, null, OneThread with
        {
            OutputValues = OnnxOutputValues.Logit,
            Stride = 8,
            LabelNames = ["polyp"],
            InputName = "image",
            OutputName = "region",
        });
        Assert.Equal(["polyp"], actual.Network.LabelNames);
        FloatImage image = Image("foreign", 3, 19, 27);
        AssertEqual(expected.Predict(image), actual.Predict(image));
    }

    [Fact]
    public void A_network_of_one_batch_size_gets_full_batches()
    {
        using MadgNetModel model = Models.CreateTiny();
        byte[] file = Change(OnnxRun.Export(model, AnySize), proto =>
        {
            Image(proto).Dim[0] = new TensorShapeProto.Types.Dimension { DimValue = 2 };
            proto.Graph.Output[0].Type.TensorType.Shape.Dim[0] = new TensorShapeProto.Types.Dimension { DimValue = 2 };
        });
        using var expected = new Predictor(model);
        using OnnxPredictor actual = OnnxPredictor.FromBytes(file, null, OneThread);
        Assert.Equal(2, actual.Network.MaximumBatch);
        FloatImage[] images = [.. Enumerable.Range(0, 3).Select(index => Image($"batch{index}", 3, 24, 32))];
        IReadOnlyList<Prediction> predictions = actual.Predict(images);
        for (int i = 0; i < images.Length; i++)
        {
            AssertEqual(expected.Predict(images[i]), predictions[i]);
        }
    }

    [Fact]
    public void Sixteen_threads_get_what_one_gets()
    {
        using MadgNetModel model = Models.CreateTiny();
        using OnnxPredictor predictor = OnnxPredictor.FromBytes(OnnxRun.Export(model, AnySize), null, OneThread);
        FloatImage[] images = [.. Enumerable.Range(0, 16).Select(index => Image($"thread{index}", 3, 24 + (index % 3 * 8), 40))];
        float[][] serial = [.. images.Select(image => predictor.Predict(image).Probability.Data.ToArray())];
        var parallel = new float[images.Length * 4][];
        var threads = new Thread[16];
        for (int t = 0; t < threads.Length; t++)
        {
            int first = t;
            threads[t] = new Thread(() =>
            {
                for (int i = first; i < parallel.Length; i += threads.Length)
                {
                    parallel[i] = predictor.Predict(images[i % images.Length]).Probability.Data.ToArray();
                }
            });
            threads[t].Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        for (int i = 0; i < parallel.Length; i++)
        {
            Assert.Equal(serial[i % images.Length], parallel[i]);
        }
    }

    [Fact]
    public void Both_predictors_agree_on_real_images()
    {
        string folder = SharedFolder.Require("data/kvasir_seg/images");
        using MadgNetModel model = Models.Create(Models.Small with { Encoder = EncoderNames.ResNeSt50 });
        using var expected = new Predictor(model, new PredictorOptions { InputSize = (160, 160) });
        using OnnxPredictor actual = OnnxPredictor.FromBytes(
            OnnxRun.Export(model, new OnnxExportOptions { InputSize = (160, 160) }), null, OneThread);
        foreach (string file in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).Take(3))
        {
            AssertEqual(expected.Predict(file), actual.Predict(file));
        }
    }

    [Fact]
    public void The_options_of_the_session_can_be_changed_before_it_opens()
    {
        using MadgNetModel model = Models.CreateTiny();
        byte[] file = OnnxRun.Export(model, AnySize);
        int calls = 0;
        using (OnnxPredictor.FromBytes(
            file, null, OneThread with { Configure = session => { calls++; session.EnableMemoryPattern = false; } }))
        {
            Assert.Equal(1, calls);
        }

        InvalidOptionsException exception = Assert.Throws<InvalidOptionsException>(() => OnnxPredictor.FromBytes(
            file, null, new OnnxRuntimeOptions { Threads = -1, Stride = 0, OutputValues = (OnnxOutputValues)7 }));
        Assert.Equal(["Threads", "Stride", "OutputValues"], exception.Problems.Select(problem => problem.Subject));
    }

    [Theory]
    [MemberData(nameof(Damages))]
    public void A_file_that_contradicts_itself_is_refused(string what)
    {
        (Action<ModelProto> damage, string message) = Faults[what];
        using MadgNetModel model = Models.CreateTiny();
        byte[] file = Change(OnnxRun.Export(model, OneSize), damage);
        OnnxModelException exception = Assert.Throws<OnnxModelException>(() => OnnxPredictor.FromBytes(file, null, OneThread));
        Assert.Contains(message, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_size_that_would_take_all_memory_is_refused()
    {
        using MadgNetModel model = Models.CreateTiny();
        byte[] file = Change(OnnxRun.Export(model, AnySize), proto =>
        {
            foreach (TensorShapeProto shape in new[] { Image(proto), proto.Graph.Output[0].Type.TensorType.Shape })
            {
                shape.Dim[2] = new TensorShapeProto.Types.Dimension { DimValue = 2_000_000_000 };
                shape.Dim[3] = new TensorShapeProto.Types.Dimension { DimValue = 2_000_000_000 };
            }
        });
        Assert.Throws<OnnxModelException>(() => OnnxPredictor.FromBytes(file, null, OneThread));
    }

    [Fact]
    public void Truncated_files_and_files_of_something_else_are_refused()
    {
        using var folder = new TemporaryFolder();
        using MadgNetModel model = Models.CreateTiny();
        byte[] whole = OnnxRun.Export(model, OneSize);
        foreach (int length in new[] { 0, 1, 10, 1000, whole.Length / 2, whole.Length - 1000 })
        {
            string path = folder.Write("cut.onnx", whole.AsSpan(0, length));
            Assert.Throws<OnnxModelException>(() => OnnxPredictor.Load(path, null, OneThread));
            Assert.Throws<OnnxModelException>(() => OnnxModelInfo.Read(path));
        }

        var noise = new byte[5000];
        new Random(5).NextBytes(noise);
        string random = folder.Write("noise.onnx", noise);
        Assert.Throws<OnnxModelException>(() => OnnxPredictor.Load(random, null, OneThread));
        Assert.Throws<OnnxModelException>(() => OnnxModelInfo.Read(random));
        Assert.Throws<OnnxModelException>(() => OnnxPredictor.Load(Path.Combine(folder.Root, "none.onnx")));
        Assert.Throws<OnnxModelException>(() => OnnxModelInfo.Read(Path.Combine(folder.Root, "none.onnx")));
    }

    [Fact]
    public void A_wrong_stride_is_told_when_the_network_fails()
    {
        using MadgNetModel model = Models.CreateTiny();
        byte[] file = Change(OnnxRun.Export(model, AnySize), proto => Text(proto, OnnxMetadata.Stride, "1"));
        using OnnxPredictor predictor = OnnxPredictor.FromBytes(file, null, OneThread);
        Assert.Throws<OnnxModelException>(() => predictor.Predict(Image("odd", 3, 33, 35)));
    }

    [Fact]
    public void A_predictor_that_is_disposed_refuses()
    {
        using MadgNetModel model = Models.CreateTiny();
        OnnxPredictor predictor = OnnxPredictor.FromBytes(OnnxRun.Export(model, AnySize), null, OneThread);
        predictor.Dispose();
        predictor.Dispose();
        Assert.Throws<ObjectDisposedException>(() => predictor.Predict(Image("late", 3, 8, 8)));
    }

    [Fact]
    public void What_is_in_a_file_can_be_read_without_running_it()
    {
        using var folder = new TemporaryFolder();
        using MadgNetModel model = Models.CreateTiny();
        string path = folder.File("model.onnx");
        OnnxExporter.Export(model, path, AnySize);
        OnnxModelInfo info = OnnxModelInfo.Read(path);
        Assert.Equal(17, info.Opset);
        Assert.Equal(8, info.IrVersion);
        Assert.StartsWith("MadgNet.Onnx ", info.Producer, StringComparison.Ordinal);
        Assert.Equal(new FileInfo(path).Length, info.ByteCount);
        OnnxTensorInfo input = Assert.Single(info.Inputs);
        Assert.Equal(("image", "float32"), (input.Name, input.Type));
        Assert.Equal(["batch", "3", "height", "width"], input.Shape);
        OnnxTensorInfo output = Assert.Single(info.Outputs);
        Assert.Equal("region", output.Name);
        Assert.Equal(["batch", "1", "height", "width"], output.Shape);
        Assert.Equal("dynamic", info.Metadata[OnnxMetadata.InputSize]);
        Assert.True(info.Operators["Conv"] > 10);

        // Every weight is there, batch normalisation folded away, and little else.
        Assert.InRange(info.ConstantCount, 0.8 * model.ParameterCount, 1.5 * model.ParameterCount);
    }

    private static byte[] Change(byte[] file, Action<ModelProto> change)
    {
        ModelProto model = ModelProto.Parser.ParseFrom(file);
        change(model);
        return model.ToByteArray();
    }

    private static TensorShapeProto Image(ModelProto model) => model.Graph.Input[0].Type.TensorType.Shape;

    /// <summary>A network that gives back its input, both N×C×L.</summary>
    private static void Flatten(ModelProto model)
    {
        Image(model).Dim.RemoveAt(3);
        model.Graph.Output[0].Type.TensorType.Shape = Image(model).Clone();
        var copy = new NodeProto { OpType = "Identity", Input = { OnnxExporter.InputName }, Output = { OnnxExporter.RegionName } };
        model.Graph.Node.Clear();
        model.Graph.Initializer.Clear();
        model.Graph.Node.Add(copy);
    }

    private static void Text(ModelProto model, string key, string value)
    {
        Remove(model, key);
        model.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
    }

    private static void Remove(ModelProto model, string key)
    {
        foreach (StringStringEntryProto entry in model.MetadataProps.Where(entry => entry.Key == key).ToList())
        {
            model.MetadataProps.Remove(entry);
        }
    }

    private static FloatImage Image(string name, int channels, int height, int width)
    {
        using torch.Tensor values = FixtureRule.Tensor(name, [channels, height, width], 0, 1);
        return FloatImage.FromTensor(values);
    }

    private static void AssertEqual(Prediction expected, Prediction actual)
    {
        Assert.Equal((expected.Labels, expected.Height, expected.Width), (actual.Labels, actual.Height, actual.Width));
        ReadOnlySpan<float> wanted = expected.Probability.Data;
        ReadOnlySpan<float> found = actual.Probability.Data;
        for (int i = 0; i < wanted.Length; i++)
        {
            Assert.InRange(Math.Abs(wanted[i] - found[i]), 0, 1e-4);
        }
    }
}
