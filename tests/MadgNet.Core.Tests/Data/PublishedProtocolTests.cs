using MadgNet.Core.Data;
using MadgNet.Core.Imaging;
using MadgNet.Core.Tests.Support;

namespace MadgNet.Core.Tests.Data;

public sealed class PublishedProtocolTests
{
    /// <summary>The table of the paper's experiments: seen → unseen.</summary>
    [Theory]
    [InlineData(Modality.Dermoscopy, "ISIC2018", "PH2")]
    [InlineData(Modality.ComputedTomography, "COVID19_1", "COVID19_2")]
    [InlineData(Modality.Ultrasound, "BUSI", "STU")]
    [InlineData(Modality.Microscopy, "DSB2018", "MonuSeg2018")]
    [InlineData(Modality.Colonoscopy, "CVC-ClinicDB, Kvasir", "CVC-300, CVC-ColonDB, ETIS-LaribPolypDB")]
    [InlineData(Modality.Fundus, "REFUGE", "DRISHTI-GS")]
    public void Modality_has_its_seen_and_unseen_sets(Modality modality, string seen, string unseen)
    {
        PublishedProtocol protocol = PublishedProtocol.For(modality);
        Assert.Equal(seen, string.Join(", ", protocol.Seen));
        Assert.Equal(unseen, string.Join(", ", protocol.Unseen));
        Assert.All(protocol.Seen.Concat(protocol.Unseen), set => Assert.Equal(modality, set.Modality));
    }

    [Fact]
    public void Polyp_experiment_trains_on_two_sets_and_tests_on_five()
    {
        using var folder = new TemporaryFolder();
        PublishedProtocol protocol = PublishedProtocol.For(Modality.Colonoscopy);
        foreach (PublishedDataset set in protocol.Seen)
        {
            Pair(folder, "TrainDataset", set.PublishedNames("train")[0]);
        }

        foreach (PublishedDataset set in protocol.Seen.Concat(protocol.Unseen))
        {
            Pair(folder, $"TestDataset/TestDataset/{set.Name}", set.PublishedNames("test")[0]);
        }

        IDataset train = protocol.Open("train", _ => folder.Root, options => options with { Unpaired = UnpairedFiles.LeaveOut });
        Assert.Equal(
            [$"CVC-ClinicDB/{protocol.Seen[0].PublishedNames("train")[0]}", $"Kvasir/{protocol.Seen[1].PublishedNames("train")[0]}"],
            train.Names());
        var tests = protocol.OpenTests(_ => folder.Root, options => options with { Unpaired = UnpairedFiles.LeaveOut });
        Assert.Equal([true, true, false, false, false], tests.Select(test => test.Seen));
        Assert.All(tests, test => Assert.Equal([test.Set.PublishedNames("test")[0]], test.Samples.Names()));
    }

    private static void Pair(TemporaryFolder folder, string parent, string name)
    {
        ImageWriter.Write(Samples.Disc(8, 6), folder.File($"{parent}/images/{name}.png"));
        ImageWriter.Write(Samples.Disc(8, 6), folder.File($"{parent}/masks/{name}.png"));
    }
}
