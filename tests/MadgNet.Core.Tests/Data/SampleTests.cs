using MadgNet.Core.Data;
using MadgNet.Core.Imaging;

namespace MadgNet.Core.Tests.Data;

public sealed class SampleTests
{
    [Fact]
    public void A_label_map_becomes_a_mask_a_label()
    {
        Sample sample = Sample.FromLabelMap("eye", new FloatImage(3, 2, 2), [0, 1, 2, 7], [[2], [1, 2]]);
        Assert.Equal([0f, 0f, 1f, 0f], sample.Masks[0].Data.ToArray());
        Assert.Equal([0f, 1f, 1f, 0f], sample.Masks[1].Data.ToArray());
    }

    [Fact]
    public void Classes_that_are_labels_of_their_own_need_no_list()
    {
        Sample sample = Sample.FromLabelMap("two", new FloatImage(1, 1, 3), [0, 1, 2], 2);
        Assert.Equal([0f, 1f, 0f], sample.Masks[0].Data.ToArray());
        Assert.Equal([0f, 0f, 1f], sample.Masks[1].Data.ToArray());
        Assert.Throws<ArgumentException>(() => Sample.FromLabelMap("two", new FloatImage(1, 1, 3), [0, 1, 3], 2));
    }

    [Fact]
    public void A_map_of_another_size_and_labels_without_classes_are_refused()
    {
        Assert.Contains(
            "expected 4",
            Assert.Throws<ArgumentException>(() => Sample.FromLabelMap("a", new FloatImage(1, 2, 2), [1, 2], [[1]])).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Sample.FromLabelMap("a", new FloatImage(1, 1, 1), [1], [[]]));
        Assert.Throws<ArgumentException>(() => Sample.FromLabelMap("a", new FloatImage(1, 1, 1), [1], []));
    }

    [Fact]
    public void The_doctor_finds_values_outside_of_0_and_1()
    {
        InMemoryDataset dataset = new(
        [
            new Sample("bytes", new FloatImage(1, 1, 2, [0, 255]), []),
            new Sample("nan", new FloatImage(1, 1, 2, [0, float.NaN]), []),
            new Sample("good", new FloatImage(1, 1, 2, [0, 1.0000001f]), []),
        ]);

        Finding[] found = [.. DatasetDoctor.Examine(
            dataset, new DoctorOptions { NearDuplicates = false }).Findings.Where(finding => finding.Kind == FindingKind.ValuesOutOfRange)];

        Assert.Equal(["bytes", "nan"], found.Select(finding => finding.Problem.Subject).Order());
        Assert.Contains(found, finding => finding.Problem.Received == "values from 0 to 255");
    }
}
