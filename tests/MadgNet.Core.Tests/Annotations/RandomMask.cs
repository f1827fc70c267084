using CsCheck;

namespace MadgNet.Core.Tests.Annotations;

/// <summary>Masks as people and networks make them: empty, full, single pixels, noise, discs with holes that touch.</summary>
internal sealed record RandomMask(int Height, int Width, bool[] Inside)
{
    public static Gen<RandomMask> Gen { get; } = CsCheck.Gen.Select(
        CsCheck.Gen.Int[1, 24], CsCheck.Gen.Int[1, 24], CsCheck.Gen.Int[0, 5], CsCheck.Gen.Int[0, int.MaxValue - 1], Make);

    private static RandomMask Make(int height, int width, int kind, int seed)
    {
        var random = new Random(seed);
        var inside = new bool[height * width];
        switch (kind)
        {
            case 0:
                break;
            case 1:
                Array.Fill(inside, true);
                break;
            case 2:
                inside[random.Next(inside.Length)] = true;
                break;
            case 3:
                for (int i = 0; i < inside.Length; i++)
                {
                    inside[i] = random.Next(2) == 0;
                }

                break;
            default:
                for (int disc = 0; disc < 6; disc++)
                {
                    (double y, double x) = (random.NextDouble() * height, random.NextDouble() * width);
                    double radius = 1 + (random.NextDouble() * 8);
                    bool value = disc % 3 != 2;
                    for (int i = 0; i < inside.Length; i++)
                    {
                        if (Math.Pow((i / width) - y, 2) + Math.Pow((i % width) - x, 2) <= radius * radius)
                        {
                            inside[i] = value;
                        }
                    }
                }

                break;
        }

        return new RandomMask(height, width, inside);
    }
}
