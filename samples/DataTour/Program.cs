using MadgNet.Core.Data;
using MadgNet.Core.Data.Transforms;
using MadgNet.Core.Imaging;
using MadgNet.Samples.DataTour;

// Examines a folder of images and masks, then shows what a network would see of it: every augmentation, and whole
// batches with their targets.
//
//   dotnet run --project samples/DataTour [FOLDER] [--out FOLDER]
//
// Without a folder: the nuclei that the quick start ships.
string shipped = Path.Combine(AppContext.BaseDirectory, "data");
string output = Path.Combine("runs", "data-tour");
string? folder = null;
for (int i = 0; i < args.Length; i++)
{
    if (args[i] == "--out" && i + 1 < args.Length)
    {
        output = args[++i];
    }
    else if (!args[i].StartsWith('-') && folder is null)
    {
        folder = args[i];
    }
    else
    {
        Console.Error.WriteLine($"received '{args[i]}'; expected [FOLDER] [--out FOLDER].");
        return 2;
    }
}

// 1. The doctor: first the files, then the parts of the split against each other.
var reading = new FolderDatasetOptions { Window = IntensityWindow.MinMax, Unpaired = UnpairedFiles.LeaveOut };
FolderDataset training;
try
{
    training = new FolderDataset(folder ?? Path.Combine(shipped, "train"), reading);
}
catch (DatasetException error)
{
    Console.Error.WriteLine(error.Message);
    return 1;
}

var parts = new List<(string, IDataset)> { ("train", training) };
if (folder is null)
{
    parts.Add(("validation", new FolderDataset(Path.Combine(shipped, "validation"), reading)));
}

Console.WriteLine(DatasetDoctor.ExamineSplits(parts));

// 2. One image under every augmentation, and the same draw for its mask.
Directory.CreateDirectory(output);
Sample sample = Piece(training);
(string Name, SegmentationTransform Transform)[] augmentations =
[
    ("flips", new Compose(new HorizontalFlip(), new VerticalFlip())),
    ("rotation ±20°", new RandomRotation(20)),
    ("affine", new RandomAffine { Degrees = 15, Scale = 1.3, ShearDegrees = 10, Shift = 0.1 }),
    ("elastic", new ElasticDeformation(8, 32)),
    ("resized crop", new RandomResizedCrop(128, 128, 0.25)),
    ("letterbox", new Letterbox(96, 128)),
    ("color jitter", new ColorJitter { Brightness = 0.4, Contrast = 0.4, Saturation = 0.4, Hue = 0.1 }),
    ("gamma", new RandomGamma(2)),
    ("blur", new GaussianBlur(4)),
    ("noise", new GaussianNoise(0.15)),
    ("Fourier mixing", new FourierAmplitudeMixing(training)),
];
ContactSheet.SaveAugmentations(sample, augmentations, Path.Combine(output, "augmentations.png"));

// 3. Two batches of the recipe that the quick start trains with: crops at native scale, flips, rotation.
var loader = new BatchLoader(training, new BatchLoaderOptions
{
    BatchSize = 6,
    Transform = new Compose(new RandomCrop(128, 128), new HorizontalFlip(), new VerticalFlip(), new RandomRotation(5)),
    Seed = 1,
});
foreach (Batch batch in loader.Epoch(0).Take(2))
{
    using (batch)
    {
        ContactSheet.SaveBatch(batch, Path.Combine(output, $"batch{batch.Number}.png"));
    }
}

Console.WriteLine($"Wrote augmentations.png, batch0.png and batch1.png to {Path.GetFullPath(output)}");
return 0;

// A piece of 128×128 on which most can be seen: large objects on some background.
static Sample Piece(FolderDataset dataset)
{
    var crop = new RandomCrop(128, 128);
    return Enumerable
        .Range(0, Math.Min(dataset.Count, 32))
        .Select(index => crop.Apply(dataset.Load(index), new Random(index)))
        .MaxBy(piece =>
        {
            FloatImage mask = piece.BinaryMask(0);
            var boundary = new float[mask.Data.Length];
            SupervisionTargets.Boundary(mask.Data, mask.Height, mask.Width, boundary);
            float area = mask.Data.ToArray().Average();
            return area is > 0.15f and < 0.4f ? area / (boundary.Average() + 0.01f) : 0;
        })!;
}
