using Google.Protobuf;
using MadgNet.Core.Imaging;
using MadgNet.Core.Tests.Support;
using Microsoft.ML.OnnxRuntime;
using Onnx;

namespace MadgNet.Onnx.Tests;

/// <summary>Files that are made to hang, to overflow, or to read what they should not.</summary>
public class OnnxFaultsTests
{
    private static readonly OnnxRuntimeOptions Quick = new()
    {
        Threads = 1,
        Spinning = false,
        OutputValues = OnnxOutputValues.Logit,
        Stride = 1,
    };

    [Fact]
    public void Loading_that_does_not_end_is_given_up_and_cleared_away_when_it_does()
    {
        using var release = new ManualResetEventSlim();
        using var ended = new ManualResetEventSlim();
        Assert.Throws<TimeoutException>(() => OnnxLoading.Open(
            new SessionOptions(),
            options =>
            {
                release.Wait();
                ended.Set();
                return new InferenceSession(File("ok"), options);
            },
            TimeSpan.FromMilliseconds(50)));
        Assert.False(ended.IsSet);
        release.Set();
        ended.Wait();
    }

    [Fact]
    public void Loading_within_its_time_gives_the_session_or_the_runtimes_own_reason()
    {
        OnnxLoading.Open(new SessionOptions(), options => new InferenceSession(File("ok"), options), TimeSpan.FromMinutes(1)).Dispose();
        Assert.Throws<OnnxRuntimeException>(() => OnnxLoading.Open(
            new SessionOptions(), options => new InferenceSession([1, 2, 3], options), TimeSpan.FromMinutes(1)));
    }

    [Theory]
    [InlineData("loop_forever")]
    [InlineData("loop_load")]
    public void A_loop_without_end_ends_with_its_time(string name)
    {
        using var predictor = OnnxPredictor.Load(
            File(name), null, Quick with { RunLimit = TimeSpan.FromMilliseconds(500) });
        OnnxModelException refused = Assert.Throws<OnnxModelException>(
            () => predictor.Predict(new FloatImage(predictor.Network.InputChannels, 16, 16)));
        Assert.Contains("has not ended after 0.5 seconds", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_loop_without_end_ends_with_the_token()
    {
        using var predictor = OnnxPredictor.Load(File("loop_forever"), null, Quick with { RunLimit = null });
        using var source = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        Assert.ThrowsAny<OperationCanceledException>(
            () => predictor.Predict(new FloatImage(predictor.Network.InputChannels, 16, 16), null, source.Token));
    }

    [Fact]
    public void A_fixed_batch_that_no_memory_holds_is_refused_before_it_is_taken()
    {
        using var predictor = OnnxPredictor.Load(File("batch_5000"), null, Quick);
        int side = predictor.Network.FixedSize?.Height ?? 512;
        OnnxModelException refused = Assert.Throws<OnnxModelException>(
            () => predictor.Predict(new FloatImage(predictor.Network.InputChannels, side, side)));
        Assert.Contains("5000 images at once", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ext_local")]
    [InlineData("ext_hard")]
    public void Tensors_in_other_files_are_refused(string name)
    {
        OnnxModelException refused = Assert.Throws<OnnxModelException>(() => OnnxPredictor.Load(File(name), null, Quick));
        Assert.Contains("tensors in other files", refused.Message, StringComparison.Ordinal);
        Assert.Throws<OnnxModelException>(() => OnnxPredictor.FromBytes(System.IO.File.ReadAllBytes(File(name)), null, Quick));
    }

    [Fact]
    public void Tensors_below_the_models_folder_are_read_where_that_is_allowed_and_none_elsewhere()
    {
        using var folder = new TemporaryFolder();
        ModelProto model = ModelProto.Parser.ParseFrom(System.IO.File.ReadAllBytes(File("dyn")));
        TensorProto weights = model.Graph.Initializer.MaxBy(tensor => tensor.RawData.Length)!;
        byte[] content = weights.RawData.ToByteArray();
        folder.Write("sub/weights.bin", content);
        string elsewhere = Path.Combine(Path.GetDirectoryName(folder.Root)!, Path.GetFileName(folder.Root) + ".bin");
        System.IO.File.WriteAllBytes(elsewhere, content);
        try
        {
            OnnxRuntimeOptions allowed = Quick with { AllowExternalData = true };
            using (OnnxPredictor inside = OnnxPredictor.FromBytes(model.ToByteArray(), null, Quick))
            using (OnnxPredictor beside = OnnxPredictor.Load(Model("sub/weights.bin"), null, allowed))
            {
                FloatImage picture = new(inside.Network.InputChannels, 16, 16);
                picture.Data.Fill(0.5f);
                Assert.Equal(
                    inside.Predict(picture).Probability.Data.ToArray(), beside.Predict(picture).Probability.Data.ToArray());
            }

            System.IO.File.CreateSymbolicLink(folder.File("link.bin"), elsewhere);
            Directory.CreateSymbolicLink(folder.File("up"), Path.GetDirectoryName(folder.Root)!);
            foreach (string location in new[]
            {
                "../" + Path.GetFileName(elsewhere), elsewhere, "link.bin", "up/" + Path.GetFileName(elsewhere), "missing.bin", "", "sub",
                "sub/../../" + Path.GetFileName(elsewhere),
            })
            {
                Assert.Throws<OnnxModelException>(() => OnnxPredictor.Load(Model(location), null, allowed));
            }
        }
        finally
        {
            System.IO.File.Delete(elsewhere);
        }

        string Model(string location)
        {
            ModelProto copy = model.Clone();
            TensorProto tensor = copy.Graph.Initializer.First(entry => entry.Name == weights.Name);
            tensor.ClearRawData();
            tensor.DataLocation = TensorProto.Types.DataLocation.External;
            tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = location });
            return folder.Write("model.onnx", copy.ToByteArray());
        }
    }

    [Fact]
    public void Sparse_tensors_are_refused()
    {
        ModelProto model = ModelProto.Parser.ParseFrom(System.IO.File.ReadAllBytes(File("dyn")));
        model.Graph.SparseInitializer.Add(new SparseTensorProto { Values = new TensorProto { Name = "sparse" } });
        OnnxModelException refused = Assert.Throws<OnnxModelException>(
            () => OnnxPredictor.FromBytes(model.ToByteArray(), null, Quick));
        Assert.Contains("sparse", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>Wherever a tensor can stand, the look through the file finds what it says, as the whole schema does.</summary>
    [Fact]
    public void The_look_through_a_file_finds_tensors_wherever_they_stand()
    {
        TensorProto external = new()
        {
            Name = "t",
            DataLocation = TensorProto.Types.DataLocation.External,
            ExternalData = { new StringStringEntryProto { Key = "length", Value = "4" } },
        };
        external.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = "secret" });
        AttributeProto value = new() { Name = "value", T = external };
        AttributeProto values = new() { Name = "values", Tensors = { external } };
        NodeProto node = new() { OpType = "Constant", Attribute = { value } };
        GraphProto graph = new() { Node = { node } };
        ModelProto[] models =
        [
            new() { Graph = new GraphProto { Initializer = { external } } },
            new() { Graph = graph },
            new() { Graph = new GraphProto { Node = { new NodeProto { Attribute = { values } } } } },
            new() { Graph = new GraphProto { Node = { new NodeProto { Attribute = { new AttributeProto { G = graph } } } } } },
            new() { Graph = new GraphProto { Node = { new NodeProto { Attribute = { new AttributeProto { Graphs = { graph } } } } } } },
            new() { Functions = { new FunctionProto { Node = { node } } } },
            new() { TrainingInfo = { new TrainingInfoProto { Algorithm = graph } } },
            new() { TrainingInfo = { new TrainingInfoProto { Initialization = graph } } },
            new() { Graph = new GraphProto { SparseInitializer = { new SparseTensorProto { Indices = external } } } },
        ];
        foreach (ModelProto model in models)
        {
            using var stream = new MemoryStream(model.ToByteArray());
            Assert.Equal(["secret"], OnnxScan.Of(stream).ExternalFiles);
        }
    }

    [Fact]
    public void The_look_through_a_damaged_file_ends_and_is_typed()
    {
        byte[] whole = System.IO.File.ReadAllBytes(File("loop_load"));
        var random = new Random(5);
        for (int trial = 0; trial < 3000; trial++)
        {
            byte[] damaged = [.. whole];
            for (int hit = random.Next(1, 5); hit > 0; hit--)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            using var stream = new MemoryStream(damaged, 0, random.Next(damaged.Length + 1));
            try
            {
                OnnxScan.Of(stream);
            }
            catch (InvalidDataException)
            {
                // What it documents.
            }
        }
    }

    [Fact]
    public void A_stride_that_makes_a_small_image_a_large_one_is_refused()
    {
        ModelProto model = ModelProto.Parser.ParseFrom(System.IO.File.ReadAllBytes(File("dyn")));
        model.MetadataProps.Add(new StringStringEntryProto { Key = OnnxMetadata.Stride, Value = "4096" });
        Assert.Throws<OnnxModelException>(() => OnnxPredictor.FromBytes(model.ToByteArray(), null, Quick));
    }

    private static string File(string name) => Path.Combine(AppContext.BaseDirectory, "Fixtures", "faults", name + ".onnx");
}
