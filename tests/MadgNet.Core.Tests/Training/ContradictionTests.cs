using MadgNet.Core.Data;
using MadgNet.Core.Data.Transforms;
using MadgNet.Core.Foundation;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inference;
using MadgNet.Core.Inputs;
using MadgNet.Core.Models;
using MadgNet.Core.Models.Registry;
using MadgNet.Core.Tests.Support;
using MadgNet.Core.Training;

namespace MadgNet.Core.Tests.Training;

/// <summary>A network is trained on what it says it expects, and predicts on the same.</summary>
public class ContradictionTests
{
    private static readonly UNetOptions Small = new() { Encoder = HostEncoder.Name, DecoderChannels = [4, 4] };

    [Fact]
    public void Labels_in_another_order_than_the_model_s_are_refused()
    {
        using var model = new UNet(Small with { Labels = 2, LabelNames = ["cup", "disc"] }, HostNetwork.Registry);
        InvalidOptionsException exception = Train(model, new NamedDataset(["disc", "cup"]));
        BlockProperty.FollowsTheMessageRule(exception, "disc, cup", "cup, disc");
    }

    [Fact]
    public void Another_number_of_labels_than_the_model_s_is_refused()
    {
        using var model = new UNet(Small, HostNetwork.Registry);
        BlockProperty.FollowsTheMessageRule(Train(model, new NamedDataset(["cup", "disc"])), "2 labels");
    }

    [Fact]
    public void Files_that_are_read_otherwise_than_the_model_says_are_refused()
    {
        using var folder = new TemporaryFolder();
        foreach (int i in (int[])[1, 2])
        {
            ImageWriter.Write(new PixelImage(32, 32, 1, new byte[32 * 32]), folder.File($"images/{i}.png"));
            ImageWriter.Write(new PixelImage(32, 32, 1, new byte[32 * 32]), folder.File($"masks/{i}.png"));
        }

        using var inverting = new UNet(Small with { Input = new ModelInput { InvertBrightBackground = true } }, HostNetwork.Registry);
        BlockProperty.FollowsTheMessageRule(Train(inverting, new FolderDataset(folder.Root)), "InvertBrightBackground");
        using var stretching = new UNet(Small with { Input = new ModelInput { Scaling = IntensityScaling.MinMax } }, HostNetwork.Registry);
        BlockProperty.FollowsTheMessageRule(Train(stretching, new FolderDataset(folder.Root).Subset([0, 1])), "intensities");

        FolderDatasetOptions right = new FolderDatasetOptions().For(stretching.Input);
        new Trainer(
            stretching, new TrainerOptions { Epochs = 1 }).Train(Trainings.Loader(new FolderDataset(folder.Root, right), batchSize: 2));
    }

    [Fact]
    public void A_size_that_the_model_does_not_say_is_refused()
    {
        using var model = new UNet(Small with { Input = new ModelInput { Size = new ImageSize(64, 64) } }, HostNetwork.Registry);
        var loader = new BatchLoader(
            Discs.Dataset(4),
            new BatchLoaderOptions { BatchSize = 2, Workers = 0, Transform = new Compose(new Resize(32, 32), new HorizontalFlip()) });
        InvalidOptionsException exception = Assert.Throws<InvalidOptionsException>(() => new Trainer(
            model, new TrainerOptions { Epochs = 1 }).Train(loader));
        BlockProperty.FollowsTheMessageRule(exception, "32×32", "64×64");
    }

    [Fact]
    public void Predictions_invert_and_resize_as_training_did()
    {
        using var folder = new TemporaryFolder();
        var bright = new PixelImage(48, 40, 1, [.. Enumerable.Range(0, 48 * 40).Select(i => (byte)(i % 48 < 8 ? 20 : 230))]);
        string path = folder.File("bright.png");
        ImageWriter.Write(bright, path);
        using var model = new UNet(
            Small with { Input = new ModelInput { InvertBrightBackground = true, Size = new ImageSize(32, 32) } }, HostNetwork.Registry);
        using var predictor = new Predictor(model);
        using var native = new Predictor(model, new PredictorOptions { NativeSize = true });

        FloatImage read = FolderDatasetSample(folder, path, model.Input);
        FloatImage prepared = predictor.Prepare(bright);
        Assert.Equal(read.Data.ToArray(), prepared.Data.ToArray());
        Assert.True(prepared.Data[20] < 0.5f);
        FloatImage resized = ImageResizer.Bilinear(prepared, 32, 32);
        Assert.Equal(
            ImageResizer.Bilinear(native.Predict(resized).Probability, 40, 48).Data.ToArray(),
            predictor.Predict(path).Probability.Data.ToArray());
    }

    private static FloatImage FolderDatasetSample(TemporaryFolder folder, string path, ModelInput input)
    {
        File.Copy(path, folder.File("images/bright.png"));
        ImageWriter.Write(new PixelImage(48, 40, 1, new byte[48 * 40]), folder.File("masks/bright.png"));
        return FolderDataset.FromFolders(folder.File("images/x")[..^2], folder.File("masks/x")[..^2], new FolderDatasetOptions().For(input))
            .Load(0).Image;
    }

    private static InvalidOptionsException Train(SegmentationModel model, IDataset data) =>
        Assert.Throws<InvalidOptionsException>(() => new Trainer(
            model, new TrainerOptions { Epochs = 1 }).Train(Trainings.Loader(data, batchSize: 2)));

    private sealed class NamedDataset(IReadOnlyList<string> labels) : IDataset
    {
        public int Count => 2;

        public IReadOnlyList<string> Labels => labels;

        public string NameOf(int index) => $"{index}";

        public Sample Load(int index) => new($"{index}", new FloatImage(3, 32, 32), [.. labels.Select(_ => new FloatImage(1, 32, 32))]);
    }
}
