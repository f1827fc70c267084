using MadgNet.Core.Data;
using MadgNet.Core.Data.Transforms;
using MadgNet.Core.Foundation;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inference;
using MadgNet.Core.Inputs;
using MadgNet.Core.Models;
using MadgNet.Core.Tests.Support;
using MadgNet.Core.Training;
using MadgNet.Core.Training.Optimization;
using MadgNet.Core.Training.Recipes;
using MadgNet.Onnx;

namespace MadgNet.Core.Tests.Inputs;

/// <summary>Cases of several files, of pages and of planes: from files to training, prediction, the doctor and ONNX.</summary>
public class SeveralChannelsTests
{
    private static readonly ModelInput Modalities = new()
    {
        Channels = 4,
        Files = ["_t1", "_t2", "_flair", "_ct"],
        Scaling = IntensityScaling.MinMax,
        Windows = [null, null, null, new InputWindow(500, 1000)],
    };

    [Fact]
    public void Files_of_a_case_become_its_channels_in_the_order_of_the_input()
    {
        using var folder = new TemporaryFolder();
        WriteCases(folder, 2);
        var dataset = new FolderDataset(folder.Root, new FolderDatasetOptions().For(Modalities));

        Assert.Equal(["case0", "case1"], dataset.Names());
        Assert.Equal(
            ["case0_t1.png", "case0_t2.png", "case0_flair.png", "case0_ct.npy"],
            dataset.FilesOf(0).Images.Select(Path.GetFileName));
        Sample sample = dataset.Load(0);
        Assert.Equal((4, 24, 32), (sample.Image.Channels, sample.Image.Height, sample.Image.Width));
        Assert.Equal((0f, 1f), (sample.Image.Plane(1).ToArray().Min(), sample.Image.Plane(1).ToArray().Max()));

        // The window from 0 to 1000 in the file's own units: 250 at the top left, beyond 1000 at the bottom right.
        Assert.Equal((0.25f, 1f), (sample.Image[3, 0, 0], sample.Image[3, 23, 31]));
        Assert.False(DatasetDoctor.Examine(dataset, new DoctorOptions { NearDuplicates = false }).HasErrors);
        Assert.Equal(4, dataset.Examine(0).Channels);
    }

    [Fact]
    public void A_case_that_lacks_a_file_or_has_one_of_no_channel_is_a_finding()
    {
        using var folder = new TemporaryFolder();
        WriteCases(folder, 3);
        File.Delete(folder.File("images/case1_flair.png"));
        File.Copy(folder.File("images/case2_t1.png"), folder.File("images/case2_t9.png"));
        FolderDatasetOptions options = new FolderDatasetOptions { Unpaired = UnpairedFiles.LeaveOut }.For(Modalities);

        var dataset = new FolderDataset(folder.Root, options);

        Assert.Equal(["case0", "case2"], dataset.Names());
        Assert.Contains(dataset.Findings, finding => finding.Problem.Received.Contains("case1_flair", StringComparison.Ordinal));
        Assert.Contains(dataset.Findings, finding => finding.Problem.Subject.EndsWith("case2_t9.png", StringComparison.Ordinal));
        Assert.Throws<DatasetException>(() => new FolderDataset(folder.Root, new FolderDatasetOptions().For(Modalities)));

        // Files of one case of different sizes, and floats that nothing scales.
        ImageWriter.Write(Pictures.Pixels(1, 8, 8), folder.File("images/case0_t2.png"));
        Assert.Contains("24×32", Assert.Throws<ImageReadException>(() => dataset.Load(0)).Message, StringComparison.Ordinal);
        Assert.Contains(dataset.Examine(0).Findings, finding => finding.Kind == FindingKind.Unreadable);
        ModelInput unscaled = Modalities with { Windows = [], Scaling = IntensityScaling.FullRange };
        var plain = new FolderDataset(folder.Root, options.For(unscaled));
        Assert.Contains(plain.Examine(1).Findings, finding => finding.Kind == FindingKind.ValuesOutOfRange);
    }

    [Fact]
    public void A_table_names_the_files_of_a_case_in_one_cell()
    {
        using var folder = new TemporaryFolder();
        WriteCases(folder, 1);
        string table = folder.Write(
            "cases.csv",
            "name;image;mask\na;images/case0_t1.png|images/case0_t2.png|images/case0_flair.png|images/case0_ct.npy;masks/case0.png\n"u8);

        var dataset = FolderDataset.FromTable(table, options: new FolderDatasetOptions().For(Modalities));

        Assert.Equal(0, Pictures.Difference(
            new FolderDataset(folder.Root, new FolderDatasetOptions().For(Modalities)).Load(0).Image, dataset.Load(0).Image));
    }

    [Fact]
    public void Pages_of_a_TIFF_and_planes_of_an_array_are_channels()
    {
        using var folder = new TemporaryFolder();
        PixelImage[] pages = [.. Enumerable.Range(0, 4).Select(seed => Pictures.Pixels(1, 24, 32, seed))];
        folder.Write("images/a.tif", TiffBuilder.Pages(pages));
        var planes = new FloatImage(4, 24, 32);
        for (int c = 0; c < 4; c++)
        {
            pages[c].ToFloat().Data.CopyTo(planes.Plane(c));
        }

        NpyFile.Write(planes, folder.File("images/b.npy"));
        ImageWriter.Write(Pictures.Pixels(1, 24, 32), folder.File("masks/a.png"));
        ImageWriter.Write(Pictures.Pixels(1, 24, 32), folder.File("masks/b.png"));
        var input = new ModelInput { Channels = 4 };
        var dataset = new FolderDataset(folder.Root, new FolderDatasetOptions
        {
            Labels = [LabelSource.AllMasks() with { Reading = MaskReading.Soft }],
        }.For(input));

        Assert.Equal(["a", "b"], dataset.Names());
        Assert.Equal(0, Pictures.Difference(planes, dataset.Load(0).Image));
        Assert.Equal(0, Pictures.Difference(planes, dataset.Load(1).Image));
        var three = new FolderDataset(folder.Root, dataset.Options.For(new ModelInput { FromPages = true }));
        Assert.Contains("more than 3", Assert.Throws<ImageReadException>(() => three.Load(0)).Message, StringComparison.Ordinal);
        var five = new FolderDataset(folder.Root, dataset.Options.For(new ModelInput { Channels = 5 }));
        Assert.Contains("no page 5", Assert.Throws<ImageReadException>(() => five.Load(0)).Message, StringComparison.Ordinal);
        Assert.Contains("5×H×W", Assert.Throws<ImageReadException>(() => five.Load(1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_network_of_four_modalities_is_trained_saved_and_predicts_from_any_file_of_a_case()
    {
        using var folder = new TemporaryFolder();
        CancellationToken token = TestContext.Current.CancellationToken;
        WriteCases(folder, 4);
        Recipe recipe = new Recipe
        {
            Model = new UNetOptions { Encoder = HostEncoder.Name, DecoderChannels = [8, 6] },
            Registry = HostNetwork.Registry,
            BatchSize = 2,
            Loading = new BatchLoaderOptions { Workers = 0 },
        }.WithInput(Modalities with { Fit = ImageFit.Letterbox }).WithSize(32)
            .WithTrainer(trainer => trainer with { Epochs = 1, Schedule = new ConstantSchedule(1e-2) })
            .WithOutput(folder.File("run/x"));
        FolderDataset dataset = recipe.Open(folder.Root);
        TrainingResult result = recipe.Train(dataset, dataset, cancellationToken: token);

        using Predictor predictor = Predictor.Load(result.LastCheckpoint!, HostNetwork.Registry);
        Assert.Equal(Modalities with { Fit = ImageFit.Letterbox, Size = new ImageSize(32, 32) }, predictor.Network.Input);
        FloatImage expected = predictor.Predict(dataset.Load(2).Image).Probability;
        string[] files = [.. dataset.FilesOf(2).Images];
        Assert.All(files, file => Assert.Equal(0, Pictures.Difference(expected, predictor.Predict(file).Probability)));
        Assert.Equal(0, Pictures.Difference(expected, predictor.PredictFiles(files).Probability));
        Assert.Throws<ImageReadException>(() => predictor.PredictFiles(files[..3]));
        Assert.Throws<TensorShapeException>(() => predictor.Predict(Pictures.Pixels(3, 24, 32)));
        var names = new List<string>();
        await foreach (FilePrediction prediction in predictor.PredictFolderAsync(folder.File("images"), cancellationToken: token))
        {
            Assert.Null(prediction.Error);
            names.Add(Path.GetFileName(prediction.Path));
        }

        Assert.Equal(["case0_t1.png", "case1_t1.png", "case2_t1.png", "case3_t1.png"], names);

        // The exported network reads the same files, and finds the same.
        string onnx = folder.File("model.onnx");
        OnnxExporter.Export(predictor.Model, onnx);
        using var exported = OnnxPredictor.Load(onnx);
        Assert.Equal((predictor.Network.Input, (32, 32)), (exported.Network.Input, exported.Network.FixedSize));
        Assert.InRange(Pictures.Difference(expected, exported.Predict(files[1]).Probability), 0, 1e-4f);
        Assert.Throws<InvalidOptionsException>(
            () => OnnxExporter.Export(predictor.Model, onnx, new OnnxExportOptions { InputValues = OnnxInputValues.Bytes }));
    }

    private static void WriteCases(TemporaryFolder folder, int count)
    {
        for (int i = 0; i < count; i++)
        {
            foreach (string modality in new[] { "t1", "t2", "flair" })
            {
                ImageWriter.Write(Pictures.Pixels(1, 24, 32, (i * 3) + modality.Length), folder.File($"images/case{i}_{modality}.png"));
            }

            var ct = new FloatImage(1, 24, 32);
            for (int k = 0; k < ct.Data.Length; k++)
            {
                ct.Data[k] = 250 + (k * 2) + i;
            }

            ct.Data[0] = 250;
            NpyFile.Write(ct, folder.File($"images/case{i}_ct.npy"));
            var mask = new byte[24 * 32];
            mask.AsSpan(100, 300).Fill(255);
            ImageWriter.Write(new PixelImage(32, 24, 1, mask), folder.File($"masks/case{i}.png"));
        }
    }
}
