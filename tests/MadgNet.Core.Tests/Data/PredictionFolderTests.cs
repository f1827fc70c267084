using MadgNet.Core.Data;
using MadgNet.Core.Imaging;
using MadgNet.Core.Metrics;
using MadgNet.Core.Tests.Support;

namespace MadgNet.Core.Tests.Data;

public sealed class PredictionFolderTests
{
    [Theory]
    [InlineData("case0", "case0")]
    [InlineData("case0", "case0_mask")]
    [InlineData("case0_image", "case0_mask")]
    [InlineData("case0", "case0_lesion")]
    [InlineData("case0", "mask_case0")]
    [InlineData("img0", "mask0")]
    [InlineData("case0_mask", "case0_mask")]
    [InlineData("Me\u0301nie\u0300re", "M\u00E9ni\u00E8re")]
    public void Predictions_are_paired_by_the_rule_for_images(string prediction, string truth)
    {
        using var folder = new TemporaryFolder();
        ImageWriter.Write(Samples.Disc(12, 8), folder.File($"predictions/{prediction}.png"));
        ImageWriter.Write(Samples.Disc(12, 8), folder.File($"masks/{truth}.png"));
        var found = new PredictionFolder(folder.File("predictions"), folder.File("masks"));
        Assert.Equal(1, found.Count);
        ImageWriter.Write(Samples.Disc(12, 8), folder.File($"images/{prediction}.png"));
        Assert.Equal(
            found.NameOf(0), FolderDataset.FromFolders(folder.File("images"), folder.File("masks")).NameOf(0));
    }

    public static TheoryData<string> Forms => [
        "0 and 255", "0 and 1", "0 and 7", "16 bits", "palette", "bool array", "0/1 array", "0/255 array", "int64 array", "soft", "empty",
        "probabilities"];

    [Theory]
    [MemberData(nameof(Forms))]
    public void A_folder_compared_with_itself_scores_1(string form)
    {
        using var folder = new TemporaryFolder();
        bool array = form.Contains("array", StringComparison.Ordinal) || form == "probabilities";
        string path = folder.File($"a.{(array ? "npy" : "png")}");
        Write(form, path);
        var found = new PredictionFolder(folder.Root, folder.Root);
        LoadedPrediction read = found.Load(0);
        Assert.Null(read.Resized);
        EvaluationReport report = new Evaluator().Evaluate([new EvaluationCase(read.Name, read.Probability, read.Truth)]);
        Assert.Equal(1, report.Summarize(Metric.Dice).Mean);
        Assert.Equal(form == "empty" ? 0 : 48, report.Cases[0].Labels[0].Counts.TruePositives);
    }

    /// <summary>Found by fuzzing: an index beyond the labels, where the values were no probabilities.</summary>
    [Theory]
    [InlineData(0.5f)]
    [InlineData(5)]
    public void An_array_of_more_maps_than_labels_is_refused(float value)
    {
        using var folder = new TemporaryFolder();
        ImageWriter.Write(Samples.Disc(12, 8), folder.File("masks/a.png"));
        var maps = new FloatImage(2, 8, 12);
        maps.Data.Fill(value);
        Directory.CreateDirectory(folder.File("predictions"));
        NpyFile.Write(maps, folder.File("predictions/a.npy"));
        var found = new PredictionFolder(folder.File("predictions"), folder.File("masks"));
        Assert.Throws<DatasetException>(() => found.Load(0));
    }

    [Fact]
    public void A_label_image_holds_the_predictions_of_all_labels()
    {
        using var folder = new TemporaryFolder();
        ImageWriter.Write(Samples.Pixels(12, 8, 1, (x, _, _) => (byte)(x / 4)), folder.File("p/a_mask.png"));
        ImageWriter.Write(Samples.Pixels(12, 8, 1, (x, _, _) => (byte)(x / 4)), folder.File("m/a_mask.png"));
        var options = new FolderDatasetOptions { Labels = [LabelSource.Indices("one", 1), LabelSource.Indices("two", 2)] };
        LoadedPrediction read = new PredictionFolder(folder.File("p"), folder.File("m"), options).Load(0);
        Assert.Equal(2, read.Probability.Channels);
        for (int label = 0; label < 2; label++)
        {
            Assert.Equal(read.Truth[label].Data.ToArray(), read.Probability.Plane(label).ToArray());
            Assert.Equal(32, read.Probability.Plane(label).ToArray().Sum());
        }
    }

    [Fact]
    public void A_file_a_label_and_an_array_of_all_labels_are_found()
    {
        using var folder = new TemporaryFolder();
        foreach (string name in (string[])["p/a_one.png", "p/a_two.png", "m/a_one.png", "m/a_two.png", "m/b_one.png", "m/b_two.png"])
        {
            ImageWriter.Write(Samples.Disc(12, 8), folder.File(name));
        }

        var maps = new FloatImage(2, 8, 12);
        maps.Data.Fill(0.75f);
        NpyFile.Write(maps, folder.File("p/b.prob.npy"));
        ImageWriter.Write(Samples.Disc(12, 8), folder.File("p/b.overlay.png"));
        var options = new FolderDatasetOptions { Labels = [LabelSource.MaskFiles("one", "_one"), LabelSource.MaskFiles("two", "_two")] };
        var found = new PredictionFolder(folder.File("p"), folder.File("m"), options);
        Assert.Equal(["a", "b"], [found.NameOf(0), found.NameOf(1)]);
        Assert.Equal(found.Load(0).Truth[1].Data.ToArray(), found.Load(0).Probability.Plane(1).ToArray());
        Assert.Equal(0.75f, found.Load(1).Probability[1, 3, 3]);
    }

    [Fact]
    public void A_prediction_of_half_the_size_is_resized_and_the_truth_is_not()
    {
        using var folder = new TemporaryFolder();
        ImageWriter.Write(Samples.Disc(24, 16), folder.File("p/a.png"));
        ImageWriter.Write(Samples.Disc(48, 32), folder.File("m/a.png"));
        LoadedPrediction read = new PredictionFolder(folder.File("p"), folder.File("m")).Load(0);
        Assert.Equal((16, 24), read.Resized);
        Assert.Equal((32, 48), (read.Probability.Height, read.Probability.Width));
        Assert.Equal(Samples.Disc(48, 32).ToFloat().Data.ToArray(), read.Truth[0].Data.ToArray());
        ImageWriter.Write(Samples.Disc(16, 24), folder.File("p/a.png"));
        Assert.Contains(
            "Turn the prediction",
            Assert.Throws<DatasetException>(() => new PredictionFolder(folder.File("p"), folder.File("m")).Load(0)).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(-3.5f)]
    [InlineData(1052.5f)]
    public void What_is_no_probability_is_refused(float value)
    {
        using var folder = new TemporaryFolder();
        ImageWriter.Write(Samples.Disc(12, 8), folder.File("m/a.png"));
        var map = new FloatImage(1, 8, 12);
        map.Data[17] = value;
        NpyFile.Write(map, folder.File("p/a.npy"));
        var found = new PredictionFolder(folder.File("p"), folder.File("m"));
        Assert.Throws<ImageReadException>(() => found.Load(0));
    }

    [Fact]
    public void What_has_no_partner_is_told_or_left_out()
    {
        using var folder = new TemporaryFolder();
        foreach (string name in (string[])["p/a.png", "p/b.png", "m/a.png", "m/c.png"])
        {
            ImageWriter.Write(Samples.Disc(12, 8), folder.File(name));
        }

        DatasetException error = Assert.Throws<DatasetException>(() => new PredictionFolder(folder.File("p"), folder.File("m")));
        Assert.Contains("a prediction without a truth", error.Message, StringComparison.Ordinal);
        Assert.Contains("a truth without a prediction", error.Message, StringComparison.Ordinal);
        var left = new PredictionFolder(
            folder.File("p"), folder.File("m"), new FolderDatasetOptions { Unpaired = UnpairedFiles.LeaveOut });
        Assert.Equal((1, 2), (left.Count, left.Findings.Count));
        Assert.Throws<DatasetException>(() => new PredictionFolder(folder.File("none"), folder.File("m")));
    }

    private static void Write(string form, string path)
    {
        static byte Half(int x, byte other) => x < 6 ? (byte)0 : other;
        void Array(string type, Func<int, byte[]> number)
        {
            byte[] header = System.Text.Encoding.ASCII.GetBytes($"{{'descr': '{type}', 'fortran_order': False, 'shape': (8, 12), }}\n");
            File.WriteAllBytes(path, [
                0x93, .. "NUMPY"u8, 2, 0, (byte)header.Length, 0, 0, 0, .. header,
                .. Enumerable.Range(0, 96).SelectMany(i => number(i % 12))]);
        }

        switch (form)
        {
            case "0 and 255":
                ImageWriter.Write(Samples.Pixels(12, 8, 1, (x, _, _) => Half(x, 255)), path);
                break;
            case "0 and 1":
                ImageWriter.Write(Samples.Pixels(12, 8, 1, (x, _, _) => Half(x, 1)), path);
                break;
            case "0 and 7":
                ImageWriter.Write(Samples.Pixels(12, 8, 3, (x, _, _) => Half(x, 7)), path);
                break;
            case "16 bits":
                ImageWriter.Write(new PixelImage(12, 8, 1, [.. Enumerable.Range(0, 96).Select(i => (ushort)(i % 12 < 6 ? 0 : 1))]), path);
                break;
            case "palette":
                ImageWriter.WritePalette(Samples.Pixels(12, 8, 1, (x, _, _) => Half(x, 1)), [(0, 0, 0), (90, 20, 10)], path);
                break;
            case "bool array":
                Array("|b1", x => [Half(x, 1)]);
                break;
            case "0/1 array":
                Array("|u1", x => [Half(x, 1)]);
                break;
            case "0/255 array":
                Array("|u1", x => [Half(x, 255)]);
                break;
            case "int64 array":
                Array("<i8", x => [Half(x, 1), 0, 0, 0, 0, 0, 0, 0]);
                break;
            case "soft":
                ImageWriter.Write(Samples.Pixels(12, 8, 1, (x, _, _) => (byte)Math.Clamp((x * 43) - 100, 0, 255)), path);
                break;
            case "probabilities":
                Array("<f4", x => BitConverter.GetBytes(x < 6 ? 0.1f + (x / 100f) : 0.8f + (x / 100f)));
                break;
            default:
                ImageWriter.Write(Samples.Pixels(12, 8, 1, (_, _, _) => 0), path);
                break;
        }
    }
}
