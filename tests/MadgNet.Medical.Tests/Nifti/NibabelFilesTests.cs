using System.Text.Json;
using MadgNet.Medical.Nifti;
using MadgNet.Medical.Tests.Support;

namespace MadgNet.Medical.Tests.Nifti;

/// <summary>
/// Files that nibabel writes: every type, both byte orders and versions, packed and as pairs, every order and direction of axes, slopes,
/// codes of sform and qform, numbers of axes; and headers that lie. What is expected is what nibabel reads.
/// </summary>
public class NibabelFilesTests
{
    [Fact]
    public void Files_of_every_kind_are_read_as_nibabel_reads_them()
    {
        using var folder = new TemporaryFolder();
        JsonElement cases = Python.Files("nibabel, numpy", "make_nifti.py", folder.Root);
        var wrong = new List<string>();
        foreach (JsonProperty each in cases.EnumerateObject())
        {
            bool refused = each.Value.TryGetProperty("refused", out _);
            try
            {
                NiftiVolume volume = NiftiVolume.Read(folder.File(each.Name));
                wrong.AddRange((refused ? ["is not refused"] : Compare(volume, each.Value)).Select(what => $"{each.Name}: {what}"));
            }
            catch (MedicalFileException error) when (refused)
            {
                Assert.Contains(each.Name, error.Message, StringComparison.Ordinal);
            }
            catch (MedicalFileException error)
            {
                wrong.Add($"{each.Name}: {error.Message}");
            }
        }

        Assert.Empty(wrong);
        Assert.True(cases.EnumerateObject().Count() > 250);
    }

    private static IEnumerable<string> Compare(NiftiVolume volume, JsonElement expected)
    {
        int[] shape = [.. expected.GetProperty("shape").EnumerateArray().Select(length => length.GetInt32())];
        if (!shape.SequenceEqual(volume.Header.Shape))
        {
            yield return $"the shape {string.Join('×', volume.Header.Shape)}";
        }

        double[] affine = [.. expected.GetProperty("affine").EnumerateArray().SelectMany(MedicalFixtures.Doubles)];
        double off = Enumerable.Range(0, 16).Max(i => Math.Abs(affine[i] - volume.Header.Affine[i / 4, i % 4]));

        // Quaternions are stored in single precision.
        if (off > 1e-5)
        {
            yield return $"an affine that differs by up to {off}";
        }

        if (volume.Header.Affine.AxisCodes != expected.GetProperty("axes").GetString())
        {
            yield return $"the axes {volume.Header.Affine.AxisCodes}";
        }

        double[] theirs = MedicalFixtures.Doubles(expected.GetProperty("values"));
        double[] ours = volume.Values();
        int different = ours.Length != theirs.Length ? -1 : Enumerable.Range(0, ours.Length).Count(i =>
            !(Math.Abs(theirs[i] - ours[i]) <= 1e-9 * Math.Max(1, Math.Abs(theirs[i])))
                && !(double.IsNaN(theirs[i]) && !double.IsFinite(ours[i])));
        if (different != 0)
        {
            yield return $"{different} other values: {string.Join(' ', ours.Take(4))} for {string.Join(' ', theirs.Take(4))}";
        }
    }
}
