using System.Buffers.Binary;
using System.Runtime.InteropServices;
using MadgNet.Core.Data;
using MadgNet.Core.Imaging;
using MadgNet.Core.Models;
using MadgNet.Core.Tests.Support;
using MadgNet.Core.Training;
using MadgNet.Core.Training.Reporting;
using Tensorboard;
using TorchSharp.Modules;

using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Training.Reporting;

/// <summary>
/// Event files are read back with the classes that protoc generated from TensorFlow's own definitions, which TorchSharp brings.
/// </summary>
public class TensorBoardWriterTests
{
    [Fact]
    public void The_checksum_is_the_masked_CRC_32C()
    {
        // CRC-32C of "123456789" is 0xE3069283 (RFC 3720, appendix B.4, polynomial 0x11EDC6F41).
        uint crc = 0xE3069283;
        Assert.Equal(unchecked(((crc >> 15) | (crc << 17)) + 0xa282ead8), EventFile.MaskedCrc("123456789"u8));
    }

    [Fact]
    public void A_run_is_read_back_as_it_was_told()
    {
        using var folder = new TemporaryFolder();
        using MadgNetModel model = TinyModel.Create();
        var writer = new TensorBoardWriter();
        writer.RunStarted(ObservedRun.Start(model, folder.Root));
        ObservedRun.Tell(writer, 1, 4);
        writer.Warned(new TrainingWarning(TrainingWarningKind.LoaderStalled, 2, 4, new Problem("loader", "slow", "fast", "Hurry")));
        writer.RunEnded(ObservedRun.End());

        List<Event> events = Read(Assert.Single(Directory.GetFiles(Path.Combine(folder.Root, "tensorboard"))));
        Assert.Equal("brain.Event:2", events[0].FileVersion);
        Assert.Equal(SessionLog.Types.SessionStatus.Start, events[1].SessionLog.Status);
        Assert.Equal(1, events[1].Step);
        Assert.Equal([(1L, 10f), (2L, 5f), (3L, 10f / 3), (4L, 2.5f)], Scalars(events, "step/loss"));
        Assert.Equal([(2L, 0.6f), (4L, 0.7f)], Scalars(events, "validation/dice"));
        Assert.Equal([(2L, 5f), (4L, 2.5f)], Scalars(events, "epoch/loss"));
        Assert.Equal([(1L, 1.125f), (2L, 2.125f), (3L, 3.125f), (4L, 4.125f)], Scalars(events, "step_stage2/region"));
        Assert.Contains("Schedule.Initial | 0.0001", Text(events, "run/settings"));
        Assert.Contains("Hurry", Text(events, "warning/LoaderStalled"));
        Assert.Equal("Completed", Text(events, "run/end"));
        Assert.All(events, item => Assert.InRange(item.WallTime, 1.7e9, 1e10));
    }

    [Fact]
    public void Distributions_of_weights_and_gradients_count_every_value()
    {
        using var folder = new TemporaryFolder();
        using MadgNetModel model = TinyModel.Create();
        (string name, Parameter parameter) = Weight(model);
        using (Tensor gradient = arange(parameter.numel(), ScalarType.Float32).reshape(parameter.shape))
        {
            parameter.grad = gradient;
        }

        var writer = new TensorBoardWriter(new TensorBoardOptions { Folder = folder.Root, HistogramsEvery = 2 });
        writer.RunStarted(ObservedRun.Start(model, null));
        ObservedRun.Tell(writer, 1, 4);
        writer.RunEnded(ObservedRun.End());

        List<Event> events = Read(folder.File(Assert.Single(folder.Files)));
        (long step, HistogramProto weights) = Assert.Single(Histograms(events, $"weights/{name}"));
        float[] values = MemoryMarshal.Cast<byte, float>(parameter.bytes).ToArray();
        Assert.Equal(4, step);
        Assert.Equal(values.Length, weights.Num);
        Assert.Equal(values.Min(), weights.Min);
        Assert.Equal(values.Max(), weights.Max);
        Assert.Equal(values.Sum(value => (double)value), weights.Sum, 1e-9);
        Assert.Equal(values.Sum(value => (double)value * value), weights.SumSquares, 1e-9);
        Assert.Equal(values.Length, weights.Bucket.Sum());
        Assert.Equal(weights.BucketLimit.Order(), weights.BucketLimit);
        Assert.Equal(weights.Max, weights.BucketLimit[^1]);
        HistogramProto gradients = Assert.Single(Histograms(events, $"gradients/{name}")).Histogram;
        Assert.Equal((0, values.Length - 1), (gradients.Min, gradients.Max));
        Assert.Equal(
            model.named_parameters().Count(),
            events.SelectMany(item => item.Summary?.Value ?? [])
                .Count(value => value.Tag.StartsWith("weights/", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_training_leaves_gradients_of_every_epoch_and_pictures()
    {
        using var folder = new TemporaryFolder();
        using MadgNetModel model = TinyModel.Create();
        var trainer = new Trainer(model, new TrainerOptions
        {
            Epochs = 2,
            AccumulationSteps = 2,
            ValidationPictures = 2,
            Observers = [new TensorBoardWriter(new TensorBoardOptions { Folder = folder.Root })],
        });
        trainer.Train(
            new BatchLoader(Discs.Dataset(12), new BatchLoaderOptions { BatchSize = 4, Workers = 0 }),
            new BatchLoader(Discs.Dataset(3, seed: 2), new BatchLoaderOptions { BatchSize = 1, Workers = 0, Shuffle = false }),
            cancellationToken: TestContext.Current.CancellationToken);

        List<Event> events = Read(folder.File(Assert.Single(folder.Files)));
        (string name, _) = Weight(model);
        Assert.Equal([2L, 4L], Histograms(events, $"gradients/{name}").Select(item => item.Step));
        Assert.Equal([2L, 4L], Histograms(events, $"weights/{name}").Select(item => item.Step));
        Assert.Equal(
            ["validation/disc0", "validation/disc1"],
            events.SelectMany(item => item.Summary?.Value ?? [])
                .Where(value => value.Image is not null)
                .Select(value => value.Tag)
                .Distinct());
        Assert.Equal([1L, 2L, 3L, 4L], Scalars(events, "step/loss").Select(item => item.Step));
    }

    [Fact]
    public void Values_that_are_no_numbers_are_left_out_of_distributions()
    {
        ValueHistogram histogram = ValueHistogram.Of([1, float.NaN, 3, float.PositiveInfinity])!;
        Assert.Equal((2, 1, 3, 4, 10), (histogram.Count, histogram.Minimum, histogram.Maximum, histogram.Sum, histogram.SumOfSquares));
        Assert.Equal(2, histogram.Counts.Sum());
        Assert.Equal([5.0], ValueHistogram.Of([2, 2, 2, 2, 2])!.Counts);
        Assert.Null(ValueHistogram.Of([float.NaN]));
    }

    [Fact]
    public void A_picture_shows_image_truth_and_probability_side_by_side()
    {
        using var folder = new TemporaryFolder();
        using MadgNetModel model = TinyModel.Create();
        ValidationPicture picture = ObservedRun.Picture();
        var writer = new TensorBoardWriter(new TensorBoardOptions { Folder = folder.Root });
        writer.RunStarted(ObservedRun.Start(model, null));
        writer.ValidationCompleted(ObservedRun.Validation(1, 2, picture));
        writer.RunEnded(ObservedRun.End());

        List<Event> events = Read(folder.File(Assert.Single(folder.Files)));
        Summary.Types.Image image = events.SelectMany(item => item.Summary?.Value ?? [])
            .Single(value => value.Tag == "validation/disc0").Image;
        PixelImage pixels = new ImageReader().Decode(image.EncodedImageString.ToByteArray(), "picture");
        Assert.Equal((8, (3 * 12) + 8, 3), (image.Height, image.Width, image.Colorspace));
        Assert.Equal((image.Height, image.Width), (pixels.Height, pixels.Width));
        for (int y = 0; y < 8; y++)
        {
            for (int x = 0; x < 12; x++)
            {
                Assert.Equal(picture.Image[1, y, x], pixels[x, y, 1] / 255f, 0.5 / 255);
                Assert.Equal(picture.Truth[0, y, x], pixels[x + 16, y, 0] / 255f);
                Assert.Equal(128, pixels[x + 32, y, 2]);
            }
        }
    }

    [Fact]
    public void A_resumed_run_makes_TensorBoard_forget_the_steps_that_are_taken_again()
    {
        using var folder = new TemporaryFolder();
        using MadgNetModel model = TinyModel.Create();
        var options = new TensorBoardOptions { Folder = folder.Root, HistogramsEvery = 0 };
        var first = new TensorBoardWriter(options);
        first.RunStarted(ObservedRun.Start(model, null));
        ObservedRun.Tell(first, 1, 3);
        var second = new TensorBoardWriter(options);
        second.RunStarted(ObservedRun.Start(model, null, stepsDone: 2, epochsDone: 1));
        ObservedRun.Tell(second, 3, 4);
        second.RunEnded(ObservedRun.End());

        // Names sort in the order in which the files were begun, which is the order in which TensorBoard reads them.
        Assert.Equal(2, folder.Files.Count);
        List<Event> events = Read(folder.File(folder.Files[1]));
        Assert.Equal(3, events[1].Step);
        Assert.Equal(SessionLog.Types.SessionStatus.Start, events[1].SessionLog.Status);
        Assert.Equal([3L, 4L], Scalars(events, "step/loss").Select(item => item.Step));
    }

    [Fact]
    public void Scalars_are_thinned_out_on_request_and_events_given_up_where_nothing_can_be_written()
    {
        using var folder = new TemporaryFolder();
        using MadgNetModel model = TinyModel.Create();
        var logger = new ListLogger();
        string output = folder.File("run");
        File.WriteAllText(output, "a file where the folder should be");
        var writer = new TensorBoardWriter(new TensorBoardOptions { Folder = output, ScalarsEvery = 2, HistogramsEvery = 0 }, logger);
        writer.RunStarted(ObservedRun.Start(model, null));
        ObservedRun.Tell(writer, 1, 2);
        Assert.Equal(2, logger.Warnings.Count());

        File.Delete(output);
        ObservedRun.Tell(writer, 3, 6);
        writer.RunEnded(ObservedRun.End());
        Assert.Equal([4L, 6L], Scalars(Read(Assert.Single(Directory.GetFiles(output))), "step/loss").Select(item => item.Step));
        Assert.Equal(2, logger.Warnings.Count());
    }

    [Fact]
    public void No_tensor_is_left_behind()
    {
        using var folder = new TemporaryFolder();
        using MadgNetModel model = TinyModel.Create();
        TrainingRun run = ObservedRun.Start(model, folder.Root);
        TensorLeak.None(() =>
        {
            var writer = new TensorBoardWriter();
            writer.RunStarted(run);
            ObservedRun.Tell(writer, 1, 2);
            writer.RunEnded(ObservedRun.End());
        });
    }

    [Fact]
    public void Options_that_make_no_sense_are_refused_together() => Assert.Equal(
        2,
        Assert.Throws<InvalidOptionsException>(() => new TensorBoardWriter(new TensorBoardOptions
        {
            ScalarsEvery = 0,
            HistogramsEvery = -1
        })).Problems.Count);

    private static (string Name, Parameter Value) Weight(MadgNetModel model) =>
        model.named_parameters().Where(entry => entry.parameter.dim() == 4).Select(entry => (entry.name, entry.parameter)).First();

    private static IEnumerable<(long Step, float Value)> Scalars(IEnumerable<Event> events, string tag) =>
        events.SelectMany(item => (item.Summary?.Value ?? []).Where(value => value.Tag == tag)
            .Select(value => (item.Step, value.SimpleValue)));

    private static IEnumerable<(long Step, HistogramProto Histogram)> Histograms(IEnumerable<Event> events, string tag) =>
        events.SelectMany(item => (item.Summary?.Value ?? []).Where(value => value.Tag == tag).Select(value => (item.Step, value.Histo)));

    private static string Text(IEnumerable<Event> events, string tag)
    {
        Summary.Types.Value value = events.SelectMany(item => item.Summary?.Value ?? []).Single(value => value.Tag == tag);
        Assert.Equal("text", value.Metadata.PluginData.PluginName);
        Assert.Equal(DataType.DtString, value.Tensor.Dtype);
        Assert.Equal(1, Assert.Single(value.Tensor.TensorShape.Dim).Size);
        return Assert.Single(value.Tensor.StringVal).ToStringUtf8();
    }

    private static List<Event> Read(string path)
    {
        byte[] content = File.ReadAllBytes(path);
        var events = new List<Event>();
        for (int at = 0; at < content.Length;)
        {
            int length = checked((int)BinaryPrimitives.ReadInt64LittleEndian(content.AsSpan(at)));
            Assert.Equal(MaskedCrc(content.AsSpan(at, 8)), BinaryPrimitives.ReadUInt32LittleEndian(content.AsSpan(at + 8)));
            Assert.Equal(
                MaskedCrc(content.AsSpan(at + 12, length)), BinaryPrimitives.ReadUInt32LittleEndian(content.AsSpan(at + 12 + length)));
            events.Add(Event.Parser.ParseFrom(content, at + 12, length));
            at += 16 + length;
        }

        return events;
    }

    /// <summary>CRC-32C bit by bit, by its polynomial.</summary>
    private static uint MaskedCrc(ReadOnlySpan<byte> data)
    {
        uint crc = ~0u;
        foreach (byte value in data)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0x82F63B78u);
            }
        }

        crc = ~crc;
        return unchecked(((crc >> 15) | (crc << 17)) + 0xa282ead8);
    }
}
